"""The read API of metrics: parse, ask, answer."""

import datetime as dt
from typing import Annotated, Any

from fastapi import FastAPI, Query

from services.metrics.months.api import add_months
from services.metrics.months.closing import MonthClosing
from services.metrics.months.repository import MonthRepository
from services.metrics.queries import Queries
from shared.contracts.metrics import (
    CatalogueResponse,
    DailyResponse,
    History,
    MeasuresResponse,
    PositionsResponse,
    Progress,
    Reconciliation,
    Side,
    UnmatchedResponse,
)
from shared.domain.catalogue import PROVINCE, Role
from shared.http.problems import install_problem_handlers

TITLE = "Pulse5299 metrics"

Month = Annotated[str, Query(description="Calendar month, YYYY-MM.")]
AsOf = Annotated[dt.date | None, Query(description="The state at the first moment of this day; today by default.")]

Counted = Annotated[
    bool, Query(description="Wait, 30 s at most, until everything in the log is counted; 503 where it is not.")
]


def build_api(
    queries: Queries,
    closing: MonthClosing,
    months: MonthRepository,
    **options: Any,
) -> FastAPI:
    """The application; `options` go to FastAPI."""
    app = FastAPI(
        title=TITLE,
        version="1",
        description="Exact running counts per unit and target, as of any day.",
        openapi_url="/openapi.json",
        **options,
    )
    _add_counters(app, queries)
    _add_reconciliation(app, queries)
    add_months(app, closing, months)
    install_problem_handlers(app)
    return app


def _add_counters(app: FastAPI, queries: Queries) -> None:
    catalogue = queries.catalogue

    @app.get("/v1/measures", summary="What the counters hold")
    async def measures(as_of: AsOf = None, role: Role = "reporting") -> MeasuresResponse:
        return await queries.measures(as_of, role)

    @app.get("/v1/progress", summary="Every unit and target compared with its goal and the months before")
    async def progress(as_of: AsOf = None, counted: Counted = False) -> Progress:
        return await queries.progress(as_of, counted=counted)

    @app.get("/v1/units/{unit}", summary="One unit's rows")
    async def unit_progress(unit: str, as_of: AsOf = None) -> Progress:
        return await queries.progress(as_of, unit)

    @app.get("/v1/province", summary="The province's rows")
    async def province_progress(as_of: AsOf = None) -> Progress:
        return await queries.progress(as_of, PROVINCE)

    @app.get("/v1/daily", summary="Figures by day, for curves")
    async def daily(
        target: int,
        unit: str = PROVINCE,
        since: Annotated[dt.date | None, Query(alias="from", description="First day; 30 before the last.")] = None,
        until: Annotated[dt.date | None, Query(alias="to", description="Last day; today by default.")] = None,
    ) -> DailyResponse:
        return await queries.daily(target, unit, since, until)

    @app.get("/v1/history", summary="Every unit's and target's days, for the detector")
    async def history(
        since: Annotated[dt.date, Query(alias="from", description="First day.")],
        until: Annotated[dt.date, Query(alias="to", description="Last day.")],
        counted: Counted = False,
    ) -> History:
        return await queries.history(since, until, counted)

    @app.get("/v1/positions", summary="How far the log is counted")
    async def positions() -> PositionsResponse:
        return await queries.positions()

    @app.get("/v1/catalogue", summary="Units, targets and measures in force")
    async def names() -> CatalogueResponse:
        return CatalogueResponse(
            units=[unit.model_dump() for unit in catalogue.units],
            targets=[target.model_dump() for target in catalogue.targets],
            measures=list(catalogue.measures),
        )


def _add_reconciliation(app: FastAPI, queries: Queries) -> None:
    @app.get("/v1/reconciliation", summary="Reported beside verified, per unit, target and month")
    async def reconciliation(month: Month, unit: str | None = None, target: int | None = None) -> Reconciliation:
        return await queries.reconciliation(month, unit, target)

    @app.get("/v1/reconciliation/unmatched", summary="Entities that only one source speaks of, by pseudonym")
    async def unmatched(month: Month, unit: str, target: int, side: Side = "reporting") -> UnmatchedResponse:
        return await queries.unmatched(month, unit, target, side)

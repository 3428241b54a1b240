"""The API of metrics, figures and closed months: parse, call, answer."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Query
from fastapi.responses import Response

from services.metrics.months.closing import MonthClosing
from services.metrics.months.repository import MonthRepository
from services.metrics.queries import Queries
from shared.contracts.metrics import (
    CatalogueResponse,
    ContestedEntitiesResponse,
    ContestedResponse,
    DailyResponse,
    History,
    MeasuresResponse,
    PositionsResponse,
    Progress,
    Reconciliation,
    Side,
    UnmatchedResponse,
)
from shared.contracts.months import AuditEntry, ClosedMonth, MonthState, Restatement, Verification
from shared.domain.catalogue import PROVINCE, Role
from shared.domain.errors import NotFoundError
from shared.domain.months import Month
from shared.http.application import make_app
from shared.http.authentication import Authentication
from shared.http.keys import Key
from shared.http.parameters import Day

TITLE = "Pulse5299 metrics"

MonthQuery = Annotated[str, Query(description="Calendar month, YYYY-MM.")]
AsOf = Annotated[Day | None, Query(description="The state at the first moment of this day; today by default.")]

Counted = Annotated[
    bool, Query(description="Wait, 30 s at most, until everything in the log is counted; 503 where it is not.")
]


def _parsed(month: Annotated[str, Path(description="Calendar month, YYYY-MM.")]) -> Month:
    return Month.parse(month)


MonthInPath = Annotated[Month, Depends(_parsed)]


def build_api(
    queries: Queries,
    closing: MonthClosing,
    months: MonthRepository,
    authentication: Authentication,
    **options: Any,
) -> FastAPI:
    """The application; `options` go to `make_app`."""
    app = make_app(TITLE, "Exact running counts per unit and target, as of any day.", **options)
    _add_counters(app, queries)
    _add_reconciliation(app, queries, authentication)
    add_months(app, closing, months, authentication)
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
        since: Annotated[Day | None, Query(alias="from", description="First day; 30 before the last.")] = None,
        until: Annotated[Day | None, Query(alias="to", description="Last day; today by default.")] = None,
    ) -> DailyResponse:
        return await queries.daily(target, unit, since, until)

    @app.get("/v1/history", summary="Every unit's and target's days, for the detector")
    async def history(
        since: Annotated[Day, Query(alias="from", description="First day.")],
        until: Annotated[Day, Query(alias="to", description="Last day.")],
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


def _add_reconciliation(app: FastAPI, queries: Queries, authentication: Authentication) -> None:
    @app.get("/v1/reconciliation", summary="Reported beside verified, per unit, target and month")
    async def reconciliation(month: MonthQuery, unit: str | None = None, target: int | None = None) -> Reconciliation:
        return await queries.reconciliation(month, unit, target)

    @app.get(
        "/v1/reconciliation/unmatched",
        summary="Entities that only one source speaks of, by pseudonym",
        dependencies=[Depends(authentication.may("log"))],
    )
    async def unmatched(month: MonthQuery, unit: str, target: int, side: Side = "reporting") -> UnmatchedResponse:
        return await queries.unmatched(month, unit, target, side)

    @app.get("/v1/contested", summary="How many entities a limited key moved or ended that another key had begun")
    async def contested() -> ContestedResponse:
        return await queries.contested()

    @app.get("/v1/contested/entities", summary="Those entities, by pseudonym")
    async def contested_entities(unit: str | None = None) -> ContestedEntitiesResponse:
        return await queries.contested_entities(unit)


def add_months(
    app: FastAPI, closing: MonthClosing, repository: MonthRepository, authentication: Authentication
) -> None:
    """Add the routes to `app`."""
    _add_changes(app, closing, authentication)
    _add_comparisons(app, closing, authentication)
    _add_records(app, repository)


def _add_changes(app: FastAPI, closing: MonthClosing, authentication: Authentication) -> None:
    Closer = Annotated[Key, Depends(authentication.may("months"))]  # noqa: N806 - a type

    @app.post("/v1/months/{month}/close", summary="Take a month's snapshot")
    async def close(month: MonthInPath, key: Closer) -> ClosedMonth:
        return await closing.close(month, key.name)

    @app.post("/v1/months/{month}/reopen", summary="Let a closed month be closed anew")
    async def reopen(month: MonthInPath, reason: Annotated[str, Query(max_length=1000)], key: Closer) -> MonthState:
        return await closing.reopen(month, key.name, reason)


def _add_comparisons(app: FastAPI, closing: MonthClosing, authentication: Authentication) -> None:
    may_open_log = [Depends(authentication.may("log"))]

    @app.get("/v1/months/{month}/restatement", summary="What later events change", dependencies=may_open_log)
    async def restatement(month: MonthInPath) -> Restatement:
        return await closing.restatement(month)

    @app.get(
        "/v1/months/{month}/verification", summary="The snapshot beside a recount of the log", dependencies=may_open_log
    )
    async def verification(month: MonthInPath) -> Verification:
        return await closing.verification(month)


def _add_records(app: FastAPI, repository: MonthRepository) -> None:
    @app.get("/v1/months", summary="Every month that was ever closed")
    async def states() -> list[MonthState]:
        return await repository.states()

    @app.get("/v1/months/{month}/snapshot", summary="The figures as they were closed")
    async def snapshot(month: MonthInPath, revision: Annotated[int | None, Query(ge=0)] = None) -> ClosedMonth:
        return await repository.closed(month, revision)

    @app.get("/v1/snapshots/{digest}", summary="Any snapshot ever taken, byte for byte", response_class=Response)
    async def by_digest(digest: str) -> Response:
        content = await repository.snapshot(digest)
        if content is None:
            raise NotFoundError(f"no snapshot has the digest {digest!r}: GET /v1/audit lists them")
        return Response(content, media_type="application/json")

    @app.get("/v1/audit", summary="Who closed and reopened what, when and why")
    async def audit() -> list[AuditEntry]:
        return await repository.audit()

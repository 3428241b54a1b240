"""The read API of metrics: parse, ask, answer."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from redis.exceptions import RedisError

from services.metrics import figures
from services.metrics.answers import CatalogueAnswer, DailyAnswer, DailyRow, MeasureRow, MeasuresAnswer, PositionsAnswer
from services.metrics.view import CountsView
from services.metrics.watching import Watch
from shared.catalogue import PROVINCE, Catalogue, Role
from shared.clock import Clock, local_day
from shared.problems import NotFoundError, invalid_parameters, not_found, problem_response
from shared.progress import History, Progress

LONGEST = 3660
"""Days that one request for daily figures may span: ten years."""

AsOf = Annotated[dt.date | None, Query(description="The state at the first moment of this day; today by default.")]


class Questions:
    """Answers from a view that is brought up to date first."""

    def __init__(self, catalogue: Catalogue, view: CountsView, clock: Clock) -> None:
        self.catalogue = catalogue
        self._view = view
        self._clock = clock

    def day(self, as_of: dt.date | None) -> dt.date:
        return as_of or local_day(self._clock())

    async def progress(self, as_of: dt.date | None, unit: str | None = None) -> Progress:
        if unit is not None and unit != PROVINCE and unit not in self.catalogue.unit_by_code:
            raise NotFoundError(f"unit {unit!r} is not in the catalogue: GET /v1/catalogue lists the units")
        await self._view.refresh()
        found = figures.progress(self.catalogue, self._view.series, self.day(as_of))
        if unit is None:
            return found
        return found.model_copy(update={"rows": [row for row in found.rows if row.unit == unit]})

    async def positions(self) -> PositionsAnswer:
        positions, waiting = await self._view.positions()
        return PositionsAnswer(positions=positions, waiting=waiting)

    async def measures(self, as_of: dt.date | None, role: Role) -> MeasuresAnswer:
        await self._view.refresh()
        day = self.day(as_of)
        counts = figures.measures(self.catalogue, self._view.series, day, role)
        rows = [MeasureRow(measure=measure, unit=unit, value=value) for (measure, unit), value in counts.items()]
        return MeasuresAnswer(as_of=day, role=role, rows=rows)

    async def history(self, since: dt.date, until: dt.date) -> History:
        _check_span(since, until)
        await self._view.refresh()
        series = list(figures.history(self.catalogue, self._view.series, since, until))
        return History(since=since, until=until, series=series)

    async def daily(self, target: int, unit: str, since: dt.date | None, until: dt.date | None) -> DailyAnswer:
        wanted = self.catalogue.target_by_number.get(target)
        if wanted is None:
            raise NotFoundError(f"target {target} is not in the catalogue: GET /v1/catalogue lists the targets")
        if unit != PROVINCE and unit not in self.catalogue.unit_by_code:
            raise NotFoundError(f"unit {unit!r} is not in the catalogue: GET /v1/catalogue lists the units")
        last = until or self.day(None)
        first = since or last - dt.timedelta(days=30)
        _check_span(first, last)
        await self._view.refresh()
        rows = figures.daily(self.catalogue, self._view.series, wanted, unit, first, last)
        return DailyAnswer(target=target, unit=unit, rows=[DailyRow(**row) for row in rows])


def _check_span(first: dt.date, last: dt.date) -> None:
    if not 0 <= (last - first).days < LONGEST:
        raise NotFoundError(f"from {first} to {last}: ask for 1 to {LONGEST} days, the earlier first")


def build_api(questions: Questions, watch: Watch, expose: Callable[[], Any], **options: Any) -> FastAPI:
    """The application; `expose` gives the Prometheus exposition, `options` go to FastAPI."""
    app = FastAPI(
        title="Pulse5299 metrics",
        version="1",
        description="Exact running counts per unit and target, as of any day.",
        openapi_url="/openapi.json",
        **options,
    )
    _add_figures(app, questions)
    _add_operations(app, watch, expose)

    @app.exception_handler(RedisError)
    async def away(_: Any, error: RedisError) -> Response:
        return problem_response(503, "The store is away", f"figures cannot be read now ({error})", retry_after=5)

    app.add_exception_handler(NotFoundError, not_found)
    app.add_exception_handler(RequestValidationError, invalid_parameters)
    return app


def _add_figures(app: FastAPI, questions: Questions) -> None:
    catalogue = questions.catalogue

    @app.get("/v1/measures", summary="What the counters hold")
    async def measures(as_of: AsOf = None, role: Role = "reporting") -> MeasuresAnswer:
        return await questions.measures(as_of, role)

    @app.get("/v1/progress", summary="Every unit and target compared with its goal and the months before")
    async def progress(as_of: AsOf = None) -> Progress:
        return await questions.progress(as_of)

    @app.get("/v1/units/{unit}", summary="One unit's rows")
    async def unit_progress(unit: str, as_of: AsOf = None) -> Progress:
        return await questions.progress(as_of, unit)

    @app.get("/v1/province", summary="The province's rows")
    async def province_progress(as_of: AsOf = None) -> Progress:
        return await questions.progress(as_of, PROVINCE)

    @app.get("/v1/daily", summary="Figures by day, for curves")
    async def daily(
        target: int,
        unit: str = PROVINCE,
        since: Annotated[dt.date | None, Query(alias="from", description="First day; 30 before the last.")] = None,
        until: Annotated[dt.date | None, Query(alias="to", description="Last day; today by default.")] = None,
    ) -> DailyAnswer:
        return await questions.daily(target, unit, since, until)

    @app.get("/v1/history", summary="Every unit's and target's days, for the detector")
    async def history(
        since: Annotated[dt.date, Query(alias="from", description="First day.")],
        until: Annotated[dt.date, Query(alias="to", description="Last day.")],
    ) -> History:
        return await questions.history(since, until)

    @app.get("/v1/positions", summary="How far the log is counted")
    async def positions() -> PositionsAnswer:
        return await questions.positions()

    @app.get("/v1/catalogue", summary="Units, targets and measures in force")
    async def names() -> CatalogueAnswer:
        return CatalogueAnswer(
            units=[unit.model_dump() for unit in catalogue.units],
            targets=[target.model_dump() for target in catalogue.targets],
            measures=list(catalogue.measures),
        )


def _add_operations(app: FastAPI, watch: Watch, expose: Callable[[], Any]) -> None:
    @app.get("/livez", summary="The process runs")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", summary="Every consumer makes progress where there is work")
    async def readyz() -> Response:
        problems = watch.problems
        return JSONResponse({"status": "; ".join(problems) or "ready"}, 503 if problems else 200)

    @app.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def metrics() -> Any:
        return await expose()

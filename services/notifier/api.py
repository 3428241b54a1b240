"""The HTTP API of the notifier: flags as of a day, evaluation on request, the outbox."""

import datetime as dt
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from services.notifier.archive import Archive, Evaluated, StaleTermError
from services.notifier.channels import ASYNCAPI
from services.notifier.evaluator import REPLAYED
from services.notifier.figures import FiguresAwayError
from services.notifier.measurements import Measurements
from services.notifier.mornings import FutureDayError, Mornings, NotLeadingError
from services.notifier.outbox.outbox import Entry, Outbox
from services.notifier.verdicts import Flag, Verdict
from shared.asyncapi import add_asyncapi
from shared.calendar import CalendarError
from shared.clock import Clock, local_day
from shared.problems import (
    NotFoundError,
    http_problem,
    invalid_parameters,
    not_found,
    problem_response,
    unexpected_problem,
)

AsOf = Annotated[dt.date | None, Query(description="The state at the first moment of this day; today by default.")]


class FlagsAnswer(BaseModel):
    """The flags that stand, and what the detector said of every unit and target, when it last ran before `as_of`."""

    as_of: dt.date
    evaluated_on: dt.date | None
    flags: list[Flag]
    verdicts: list[Verdict]


class OutboxEntry(BaseModel):
    key: str
    channel: str
    to: str
    attempts: int
    note: str
    settled_at: dt.datetime | None


class OutboxAnswer(BaseModel):
    pending: dict[str, int]
    dead: list[OutboxEntry]


def build_api(
    mornings: Mornings, archive: Archive, outbox: Outbox, measurements: Measurements, clock: Clock, **options: Any
) -> FastAPI:
    """The application; `options` go to FastAPI."""
    app = FastAPI(
        title="Pulse5299 notifier",
        version="1",
        description="Who lags, who surges, and the letters that say so.",
        **options,
    )
    _add_flags(app, mornings, archive, clock)
    _add_outbox(app, outbox)
    _add_operations(app, mornings, measurements)
    app.add_exception_handler(NotFoundError, not_found)
    app.add_exception_handler(RequestValidationError, invalid_parameters)
    app.add_exception_handler(HTTPException, http_problem)
    app.add_exception_handler(Exception, unexpected_problem)
    for error in (RedisError, FiguresAwayError, StaleTermError):
        app.add_exception_handler(error, _away)
    app.add_exception_handler(CalendarError, _no_calendar)
    app.add_exception_handler(FutureDayError, _future)
    app.add_exception_handler(NotLeadingError, _not_leading)
    add_asyncapi(app, ASYNCAPI)
    return app


def _add_flags(app: FastAPI, mornings: Mornings, archive: Archive, clock: Clock) -> None:
    @app.get("/v1/flags", summary="Flags as of a day")
    async def flags(as_of: AsOf = None) -> FlagsAnswer:
        day = as_of or local_day(clock())
        return _answer(day, await archive.latest(day, day - REPLAYED))

    @app.post("/v1/evaluations", summary="Evaluate a day now")
    async def evaluate(
        day: Annotated[dt.date, Query(description="The morning to evaluate.")],
        letters: Annotated[bool, Query(description="Also write the letters of that morning.")] = False,
    ) -> FlagsAnswer:
        return _answer(day, await mornings.evaluate(day, letters))


def _answer(day: dt.date, evaluated: Evaluated | None) -> FlagsAnswer:
    if evaluated is None:
        return FlagsAnswer(as_of=day, evaluated_on=None, flags=[], verdicts=[])
    return FlagsAnswer(
        as_of=day,
        evaluated_on=evaluated.day,
        flags=list(evaluated.standing),
        verdicts=list(evaluated.verdicts),
    )


def _add_outbox(app: FastAPI, outbox: Outbox) -> None:
    @app.get("/v1/outbox", summary="What waits to be delivered, and what was given up")
    async def waiting() -> OutboxAnswer:
        pending = {channel: (await outbox.backlog(channel)).pending for channel in ("mail", "webhook", "alertmanager")}
        return OutboxAnswer(pending=pending, dead=[_entry(entry) for entry in await outbox.dead()])

    @app.post("/v1/outbox/{key}/retry", summary="Give a dead letter all its attempts again")
    async def retry(key: str) -> dict[str, str]:
        if not await outbox.retry(key):
            raise NotFoundError(f"{key!r} is not a dead letter: GET /v1/outbox lists them")
        return {"retried": key}


def _entry(entry: Entry) -> OutboxEntry:
    return OutboxEntry(
        key=entry.key,
        channel=entry.channel,
        to=entry.to,
        attempts=entry.attempts,
        note=entry.note,
        settled_at=entry.settled_at,
    )


def _add_operations(app: FastAPI, mornings: Mornings, measurements: Measurements) -> None:
    @app.get("/livez", summary="The process runs")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", summary="Redis answers and the evaluation loop runs")
    async def readyz() -> Response:
        status = "ready" if mornings.redis_up else "redis is away"
        return JSONResponse({"status": status}, 200 if mornings.redis_up else 503)

    @app.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def metrics() -> Response:
        return Response(generate_latest(measurements.registry), media_type=CONTENT_TYPE_LATEST)


async def _away(_: Any, error: Exception) -> Response:
    return problem_response(503, "Not possible now", str(error), retry_after=5)


async def _not_leading(_: Any, error: Exception) -> Response:
    return problem_response(409, "Not the evaluator", str(error))


async def _no_calendar(_: Any, error: Exception) -> Response:
    return problem_response(503, "The calendar lacks a year", str(error))


async def _future(_: Any, error: Exception) -> Response:
    return problem_response(422, "Parameters do not fit", str(error))

"""The HTTP API of the notifier: flags as of a day, evaluation on request, the outbox."""

import datetime as dt
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from services.notifier.channels import ASYNCAPI
from services.notifier.evaluations import EvaluationRepository, LeaseLostError, StoredEvaluation
from services.notifier.evaluator import REPLAYED
from services.notifier.instruments import Instruments
from services.notifier.metrics_source import MetricsUnavailableError
from services.notifier.outbox.outbox import Entry, Outbox
from services.notifier.scheduler import FutureDayError, NotLeadingError, Scheduler
from shared.contracts.notifier import FlagsResponse, OutboxEntry, OutboxResponse
from shared.domain.calendar import CalendarError
from shared.domain.clock import Clock, local_day
from shared.http.asyncapi import add_asyncapi
from shared.http.problems import (
    NotFoundError,
    http_problem,
    invalid_parameters,
    not_found,
    problem_response,
    unexpected_problem,
)

AsOf = Annotated[dt.date | None, Query(description="The state at the first moment of this day; today by default.")]


def build_api(
    mornings: Scheduler,
    archive: EvaluationRepository,
    outbox: Outbox,
    instruments: Instruments,
    clock: Clock,
    **options: Any,
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
    _add_operations(app, mornings, instruments)
    app.add_exception_handler(NotFoundError, not_found)
    app.add_exception_handler(RequestValidationError, invalid_parameters)
    app.add_exception_handler(HTTPException, http_problem)
    app.add_exception_handler(Exception, unexpected_problem)
    for error in (RedisError, MetricsUnavailableError, LeaseLostError):
        app.add_exception_handler(error, _away)
    app.add_exception_handler(CalendarError, _no_calendar)
    app.add_exception_handler(FutureDayError, _future)
    app.add_exception_handler(NotLeadingError, _not_leading)
    add_asyncapi(app, ASYNCAPI)
    return app


def _add_flags(app: FastAPI, mornings: Scheduler, archive: EvaluationRepository, clock: Clock) -> None:
    @app.get("/v1/flags", summary="Flags as of a day")
    async def flags(as_of: AsOf = None) -> FlagsResponse:
        day = as_of or local_day(clock())
        return _answer(day, await archive.latest(day, day - REPLAYED))

    @app.post("/v1/evaluations", summary="Evaluate a day now")
    async def evaluate(
        day: Annotated[dt.date, Query(description="The morning to evaluate.")],
        letters: Annotated[bool, Query(description="Also write the letters of that morning.")] = False,
    ) -> FlagsResponse:
        return _answer(day, await mornings.evaluate(day, letters))


def _answer(day: dt.date, evaluated: StoredEvaluation | None) -> FlagsResponse:
    if evaluated is None:
        return FlagsResponse(as_of=day, evaluated_on=None, flags=[], verdicts=[])
    return FlagsResponse(
        as_of=day,
        evaluated_on=evaluated.day,
        flags=list(evaluated.standing),
        verdicts=list(evaluated.verdicts),
    )


def _add_outbox(app: FastAPI, outbox: Outbox) -> None:
    @app.get("/v1/outbox", summary="What waits to be delivered, and what was given up")
    async def waiting() -> OutboxResponse:
        pending = {channel: (await outbox.backlog(channel)).pending for channel in ("mail", "webhook", "alertmanager")}
        return OutboxResponse(pending=pending, dead=[_entry(entry) for entry in await outbox.dead()])

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


def _add_operations(app: FastAPI, mornings: Scheduler, instruments: Instruments) -> None:
    @app.get("/livez", summary="The process runs")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", summary="Redis answers and the evaluation loop runs")
    async def readyz() -> Response:
        status = "ready" if mornings.redis_up else "redis is away"
        return JSONResponse({"status": status}, 200 if mornings.redis_up else 503)

    @app.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def metrics() -> Response:
        return Response(generate_latest(instruments.registry), media_type=CONTENT_TYPE_LATEST)


async def _away(_: Any, error: Exception) -> Response:
    return problem_response(503, "Not possible now", str(error), retry_after=5)


async def _not_leading(_: Any, error: Exception) -> Response:
    return problem_response(409, "Not the evaluator", str(error))


async def _no_calendar(_: Any, error: Exception) -> Response:
    return problem_response(503, "The calendar lacks a year", str(error))


async def _future(_: Any, error: Exception) -> Response:
    return problem_response(422, "Parameters do not fit", str(error))

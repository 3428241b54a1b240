"""The HTTP API of the notifier: flags as of a day, evaluation on request, the outbox."""

import datetime as dt
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from faststream.redis import RedisBroker

from services.notifier.evaluations import REPLAYED, EvaluationRepository, StoredEvaluation
from services.notifier.instruments import Instruments
from services.notifier.outbox.outbox import MessageStatus, Outbox
from services.notifier.scheduler import Scheduler
from shared.contracts.flags import FlagsResponse, OutboxEntry, OutboxResponse, ranked
from shared.domain.calendar import Calendar, CalendarError
from shared.domain.clock import ONE_DAY, Clock, local_day
from shared.domain.errors import NotFoundError
from shared.http.application import make_app
from shared.http.authentication import Authentication
from shared.http.operations import Readiness, add_asyncapi, add_operations
from shared.http.parameters import Day

TITLE = "Pulse5299 notifier"

Authorised = list[Any]
"""Dependencies that let in who has the right to act here."""

AsOf = Annotated[Day | None, Query(description="The state at the first moment of this day; today by default.")]


def build_api(
    scheduler: Scheduler,
    evaluations: EvaluationRepository,
    outbox: Outbox,
    instruments: Instruments,
    broker: RedisBroker,
    calendar: Calendar,
    clock: Clock,
    authentication: Authentication,
    **options: Any,
) -> FastAPI:
    """The application; `options` go to `make_app`."""
    authorised = [Depends(authentication.may("notifier"))]
    app = make_app(TITLE, "Who lags, who surges, and the digests that say so.", instruments.problem, **options)
    _add_flags(app, scheduler, evaluations, calendar, clock, authorised)
    _add_outbox(app, outbox, authorised)

    async def readiness() -> Readiness:
        return Readiness([scheduler.redis_problem] if scheduler.redis_problem else [])

    add_operations(app, readiness, instruments.registry)
    add_asyncapi(app, broker, TITLE)
    return app


def _add_flags(
    app: FastAPI,
    scheduler: Scheduler,
    evaluations: EvaluationRepository,
    calendar: Calendar,
    clock: Clock,
    authorised: Authorised,
) -> None:
    def response(day: dt.date, evaluation: StoredEvaluation | None) -> FlagsResponse:
        if evaluation is None:
            return FlagsResponse(as_of=day, evaluated_on=None, flags=[], verdicts=[])
        try:
            missed = any(True for _ in calendar.working_days(evaluation.day + ONE_DAY, day - ONE_DAY))
        except CalendarError:  # the calendar has ended, and evaluations with it
            missed = True
        return FlagsResponse(
            as_of=day,
            evaluated_on=evaluation.day,
            stale=missed,
            flags=ranked(evaluation.standing),
            verdicts=list(evaluation.verdicts),
        )

    @app.get("/v1/flags", summary="Flags as of a day")
    async def flags(as_of: AsOf = None) -> FlagsResponse:
        day = as_of or local_day(clock())
        return response(day, await evaluations.latest(day, day - REPLAYED))

    @app.post("/v1/evaluations", summary="Evaluate a day now", dependencies=authorised)
    async def evaluate(
        day: Annotated[Day, Query(description="The day to evaluate.")],
        digests: Annotated[bool, Query(alias="letters", description="Also record the digests of that day.")] = False,
    ) -> FlagsResponse:
        return response(day, await scheduler.evaluate(day, digests=digests))


def _add_outbox(app: FastAPI, outbox: Outbox, authorised: Authorised) -> None:
    @app.get("/v1/outbox", summary="What waits to be delivered, and what was given up", dependencies=authorised)
    async def waiting() -> OutboxResponse:
        pending = {channel: (await outbox.backlog(channel)).pending for channel in ("mail", "webhook", "alertmanager")}
        return OutboxResponse(pending=pending, dead=[_outbox_entry(entry) for entry in await outbox.dead()])

    @app.post("/v1/outbox/{key}/retry", summary="Give a dead message all its attempts again", dependencies=authorised)
    async def retry(key: str) -> dict[str, str]:
        if not await outbox.retry(key):
            raise NotFoundError(f"{key!r} is not a dead message: GET /v1/outbox lists them")
        return {"retried": key}


def _outbox_entry(entry: MessageStatus) -> OutboxEntry:
    return OutboxEntry(
        key=entry.key,
        channel=entry.channel,
        to=entry.to,
        attempts=entry.attempts,
        note=entry.note,
        settled_at=entry.settled_at,
    )

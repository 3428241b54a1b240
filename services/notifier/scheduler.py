"""The scheduler: evaluates each working day at 07:30 while it holds the lease, records digests, refreshes gauges."""

import asyncio
import contextlib
import datetime as dt
import logging
import secrets
from collections.abc import AsyncIterator

from redis.asyncio import Redis

from services.notifier.evaluations import Evaluator, StoredEvaluation
from services.notifier.instruments import Instruments, StateGauges
from services.notifier.lua import source
from services.notifier.notification_planner import NotificationPlanner
from shared.contracts.metrics import ProgressChanged
from shared.domain.clock import Clock, local_day
from shared.domain.errors import ConflictError, InvalidError, PulseError
from shared.runtime.server import cancel_and_wait, set_within
from shared.runtime.store import REDIS_ERRORS
from shared.runtime.store_health import AWAY, store_problem

log = logging.getLogger(__name__)


LEASE = dt.timedelta(seconds=12)

RENEW_SECONDS = 4.0
"""Between two renewals: a third of the lease, so that one failed renewal does not lose it."""


class Lease:
    """A candidate for the lease `name`. Call `lead` more often than every `lease`."""

    def __init__(self, redis: Redis, name: str, lease: dt.timedelta = LEASE) -> None:
        self._lease_key = f"{{{name}}}:lease"
        self.fence_key = f"{{{name}}}:fence"
        self._candidate = secrets.token_hex(16)
        self._lease = lease
        self._lead = redis.register_script(source("lead"))
        self._resign = redis.register_script(source("resign"))

    async def lead(self) -> int | None:
        """Take or renew the lease: the number of the term while this candidate holds it, else None."""
        lease = int(self._lease / dt.timedelta(milliseconds=1))
        term = await self._lead(keys=[self._lease_key, self.fence_key], args=[self._candidate, lease])
        return int(term) or None

    async def resign(self) -> None:
        """Give the lease up, so that another need not wait for its end."""
        await self._resign(keys=[self._lease_key], args=[self._candidate])

    @contextlib.asynccontextmanager
    async def renewed(self) -> AsyncIterator[None]:
        """Renew the lease every RENEW_SECONDS, however long the block takes."""
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            await cancel_and_wait(renewing)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with contextlib.suppress(*REDIS_ERRORS):
                await self.lead()


PAUSE = 4.0
"""Seconds between two ticks; shorter than the lease, which each tick renews."""

RETRY_PAUSE = 2.0
"""Seconds no tick follows a failed one, whatever changes; with PAUSE still shorter than the lease."""


class NotLeadingError(ConflictError):
    """Another notifier evaluates; send the request there, or wait until its lease ends."""

    title = "Not the evaluator"


class FutureDayError(InvalidError):
    """A day that has not come cannot be evaluated."""

    title = "Parameters do not fit"


class Scheduler:
    """Decides when to evaluate; safe to run in several notifiers, of which one holds the lease."""

    def __init__(
        self,
        lease: Lease,
        evaluator: Evaluator,
        planner: NotificationPlanner,
        instruments: Instruments,
        gauges: StateGauges,
        clock: Clock,
    ) -> None:
        self._lease = lease
        self._evaluator = evaluator
        self._planner = planner
        self._instruments = instruments
        self._gauges = gauges
        self._clock = clock
        self._woken = asyncio.Event()
        self._working = asyncio.Lock()
        self._waiting = False
        self._evaluated_on: dt.date | None = None
        self.redis_problem = AWAY
        """Why nothing can be evaluated; empty while it can."""

    def progress_changed(self, changed: ProgressChanged) -> None:
        """Start the next try of a failed evaluation; count the changes since the last evaluation.

        An entry that does not list its changes counts as one change.
        """
        days = [change.day for change in changed.changes]
        today = local_day(self._clock())
        if self._waiting and (not changed.complete or any(day < today for day in days)):
            self._woken.set()
        evaluated_on = self._evaluated_on
        if evaluated_on is None:
            return
        outdated = sum(day < evaluated_on for day in days) + (not changed.complete)
        if outdated:
            self._instruments.outdated_counts.inc(outdated)
            log.info("the last evaluation is outdated", extra={"day": str(evaluated_on), "changed_counts": outdated})

    async def run(self) -> None:
        """Tick every PAUSE seconds until cancelled; after a failed evaluation no earlier than RETRY_PAUSE."""
        while True:
            self._woken.clear()
            try:
                await self.tick()
                self._waiting = False
            except REDIS_ERRORS as error:
                self.redis_problem = store_problem(error)
                log.warning(self.redis_problem, extra={"error": str(error)})
            except PulseError as error:
                self._waiting = True
                self._instruments.evaluations.labels("failed").inc()
                log.warning("could not evaluate", extra={"error": str(error)})
            self._instruments.redis_up.set(not self.redis_problem)
            if self._waiting:
                await asyncio.sleep(RETRY_PAUSE)
            await set_within(self._woken, PAUSE)

    async def tick(self) -> None:
        """Evaluate and record what is due if this notifier holds the lease; bring the gauges up to date in any case."""
        try:
            term = await self._lease.lead()
            self._instruments.leads.set(term is not None)
            if term is None:
                self._instruments.evaluation_due.set(0)
            else:
                async with self._holding_lease():
                    await self._evaluate_if_due(term)
        finally:
            latest = await self._gauges.refresh()
            self._remember_evaluated(latest.day if latest else None)
            self.redis_problem = ""

    async def evaluate(self, day: dt.date, digests: bool) -> StoredEvaluation:
        """Evaluate any day up to today on request; with `digests`, record the messages of that day too.

        Raises:
            FutureDayError: the day has not come.
            NotLeadingError: another notifier holds the lease.
            UnavailableError: metrics cannot answer now, or the lease was lost; try again.
            CalendarError: the calendar lacks a year.
        """
        today = local_day(self._clock())
        if day > today:
            raise FutureDayError(f"day: {day} has not come yet; the latest that can be evaluated is {today}")
        term = await self._lease.lead()
        if term is None:
            raise NotLeadingError("another notifier evaluates: send the request to that one")
        async with self._holding_lease():
            evaluation = await self._evaluate(day, term)
            if digests:
                await self._planner.record(evaluation)
        return evaluation

    @contextlib.asynccontextmanager
    async def _holding_lease(self) -> AsyncIterator[None]:
        """One piece of work at a time, with the lease renewed however long it takes."""
        async with self._working, self._lease.renewed():
            yield

    async def _evaluate_if_due(self, term: int) -> None:
        due = await self._planner.due(self._clock())
        self._instruments.evaluation_due.set(due is not None)
        if due is not None:
            await self._planner.record(await self._evaluate(due, term))
            self._instruments.evaluation_due.set(0)

    async def _evaluate(self, day: dt.date, term: int) -> StoredEvaluation:
        evaluation = await self._evaluator.evaluate(day, term)
        self._instruments.evaluations.labels("done").inc()
        self._instruments.evaluated_at.set(self._clock().timestamp())
        if self._evaluated_on is None or day >= self._evaluated_on:
            self._evaluated_on = day
            self._instruments.outdated_counts.set(0)
        log.info("evaluated", extra={"day": str(day), "flags": len(evaluation.standing)})
        return evaluation

    def _remember_evaluated(self, day: dt.date | None) -> None:
        """Remember the last evaluated day, whichever notifier evaluated it."""
        if day != self._evaluated_on:
            self._evaluated_on = day
            self._instruments.outdated_counts.set(0)

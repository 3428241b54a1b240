"""The notifier's day: lead or stand by, evaluate every working morning, write the letters, show how it stands."""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import AsyncIterator

from redis.exceptions import RedisError

from services.notifier.digests.digest_schedule import digest_due
from services.notifier.evaluations import EvaluationRepository, LeaseLostError, StoredEvaluation
from services.notifier.evaluator import REPLAYED, Evaluator
from services.notifier.instruments import Instruments
from services.notifier.leases import Lease
from services.notifier.metrics_source import MetricsUnavailableError
from services.notifier.notification_planner import NotificationPlanner
from services.notifier.outbox.messages import Channel
from services.notifier.outbox.outbox import Outbox
from shared.domain.calendar import Calendar, CalendarError
from shared.domain.catalogue import PROVINCE
from shared.domain.clock import Clock, local_day
from shared.runtime.server import end

log = logging.getLogger(__name__)

PAUSE = 4.0


class NotLeadingError(RuntimeError):
    """Another notifier evaluates; ask that one, or wait until its lease ends."""


class FutureDayError(ValueError):
    """A day that has not come cannot be evaluated."""


class Scheduler:
    """Decides when to evaluate; safe to run in several notifiers, of which one leads."""

    def __init__(
        self,
        election: Lease,
        evaluator: Evaluator,
        correspondence: NotificationPlanner,
        archive: EvaluationRepository,
        outbox: Outbox,
        channels: frozenset[Channel],
        calendar: Calendar,
        instruments: Instruments,
        clock: Clock,
    ) -> None:
        self._election = election
        self._evaluator = evaluator
        self._correspondence = correspondence
        self._archive = archive
        self._outbox = outbox
        self._channels = channels
        self._calendar = calendar
        self._measurements = instruments
        self._clock = clock
        self._woken = asyncio.Event()
        self._working = asyncio.Lock()
        self.redis_up = False

    def wake(self) -> None:
        """Look now instead of at the end of the pause: figures arrived."""
        self._woken.set()

    async def run(self) -> None:
        """Look every PAUSE seconds, for ever; what fails for now is tried again at the next look."""
        while True:
            try:
                await self.look()
            except (RedisError, OSError) as error:
                self.redis_up = False
                log.warning("redis is away", extra={"error": str(error)})
            except (MetricsUnavailableError, LeaseLostError, CalendarError) as error:
                self._measurements.evaluations.labels("failed").inc()
                log.warning("could not evaluate", extra={"error": str(error)})
            self._measurements.redis_up.set(self.redis_up)
            await self._pause()

    async def look(self) -> None:
        """Evaluate and write what is due if this notifier leads; bring the gauges up to date in any case."""
        try:
            term = await self._election.lead()
            self._measurements.leads.set(term is not None)
            if term is None:
                self._measurements.morning_due.set(0)
            else:
                await self._lead(term)
        finally:
            await self._show()
            self.redis_up = True

    async def evaluate(self, day: dt.date, letters: bool) -> StoredEvaluation:
        """Evaluate any day up to today on request; with `letters`, write what that morning gave cause for.

        Raises:
            FutureDayError: the day has not come.
            NotLeadingError: another notifier must be asked.
            MetricsUnavailableError, LeaseLostError: try again.
            CalendarError: the calendar lacks a year.
        """
        today = local_day(self._clock())
        if day > today:
            raise FutureDayError(f"day: {day} has not come yet; the latest that can be evaluated is {today}")
        term = await self._election.lead()
        if term is None:
            raise NotLeadingError("another notifier evaluates: ask that one")
        async with self._in_office():
            evaluated = await self._evaluated(day, term)
            if letters:
                await self._correspondence.record(evaluated)
        return evaluated

    async def _lead(self, term: int) -> None:
        async with self._in_office():
            await self._morning(term)

    @contextlib.asynccontextmanager
    async def _in_office(self) -> AsyncIterator[None]:
        """One piece of work at a time, with the lease renewed however long it takes."""
        async with self._working:
            renewing = asyncio.create_task(self._renew())
            try:
                yield
            finally:
                await end(renewing)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(PAUSE)
            with contextlib.suppress(RedisError, OSError):
                await self._election.lead()

    async def _evaluated(self, day: dt.date, term: int) -> StoredEvaluation:
        evaluated = await self._evaluator.evaluate(day, term)
        self._measurements.evaluations.labels("done").inc()
        self._measurements.evaluated_at.set(self._clock().timestamp())
        log.info("evaluated", extra={"day": str(day), "flags": len(evaluated.standing)})
        return evaluated

    async def _morning(self, term: int) -> None:
        now = self._clock()
        today = local_day(now)
        last = today if await self._archive.digested(today) else None
        due = digest_due(now, self._calendar.is_working_day, last)
        self._measurements.morning_due.set(due is not None)
        if due is not None:
            await self._correspondence.record(await self._evaluated(due, term))
            self._measurements.morning_due.set(0)

    async def _show(self) -> None:
        today = local_day(self._clock())
        latest = await self._archive.latest(today, today - REPLAYED)
        self._measurements.flags.clear()
        for flag in self._evaluator.in_force(latest.standing if latest else (), today):
            self._measurements.flags.labels(flag.unit or PROVINCE, str(flag.target), flag.kind).set(1)
        for channel in self._channels:
            backlog = await self._outbox.backlog(channel)
            self._measurements.pending.labels(channel).set(backlog.pending)
            age = (self._clock() - backlog.oldest).total_seconds() if backlog.oldest else 0.0
            self._measurements.oldest.labels(channel).set(max(0.0, age))
        self._measurements.dead.set(len(await self._outbox.dead()))

    async def _pause(self) -> None:
        self._woken.clear()
        try:
            async with asyncio.timeout(PAUSE):
                await self._woken.wait()
        except TimeoutError:
            return

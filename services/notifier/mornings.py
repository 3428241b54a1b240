"""The notifier's day: lead or stand by, evaluate every working morning, write the letters, show how it stands."""

import asyncio
import datetime as dt
import logging

from redis.exceptions import RedisError

from services.notifier.archive import Archive, Evaluated, StaleTermError
from services.notifier.correspondence import Correspondence
from services.notifier.digest_schedule import digest_due
from services.notifier.election import Election
from services.notifier.evaluator import REPLAYED, Evaluator
from services.notifier.figures import FiguresAwayError
from services.notifier.measurements import Measurements
from services.notifier.messages import Channel
from services.notifier.months.closing import Closing, ConflictError
from services.notifier.outbox import Outbox
from shared.calendar import Calendar
from shared.catalogue import PROVINCE
from shared.clock import Clock, local_day

log = logging.getLogger(__name__)

PAUSE = 4.0


class NotLeadingError(RuntimeError):
    """Another notifier evaluates; ask that one, or wait until its lease ends."""


class Mornings:
    """Decides when to evaluate; safe to run in several notifiers, of which one leads."""

    def __init__(
        self,
        election: Election,
        evaluator: Evaluator,
        correspondence: Correspondence,
        closing: Closing,
        archive: Archive,
        outbox: Outbox,
        channels: frozenset[Channel],
        calendar: Calendar,
        measurements: Measurements,
        clock: Clock,
    ) -> None:
        self._election = election
        self._evaluator = evaluator
        self._correspondence = correspondence
        self._closing = closing
        self._archive = archive
        self._outbox = outbox
        self._channels = channels
        self._calendar = calendar
        self._measurements = measurements
        self._clock = clock
        self._woken = asyncio.Event()
        self.redis_up = False

    def wake(self) -> None:
        """Look now instead of at the end of the pause: figures arrived."""
        self._woken.set()

    async def run(self) -> None:
        """Look every PAUSE seconds, for ever; what fails for now is tried again at the next look."""
        while True:
            try:
                await self.look()
                self.redis_up = True
            except (RedisError, OSError) as error:
                self.redis_up = False
                log.warning("redis is away", extra={"error": str(error)})
            except (FiguresAwayError, StaleTermError, ConflictError) as error:
                self._measurements.evaluations.labels("failed").inc()
                log.warning("could not evaluate or close", extra={"error": str(error)})
            self._measurements.redis_up.set(self.redis_up)
            await self._pause()

    async def look(self) -> None:
        """Evaluate and write if a morning is due and this notifier leads; bring the gauges up to date."""
        term = await self._election.lead()
        self._measurements.leads.set(term is not None)
        if term is None:
            self._measurements.morning_due.set(0)
        else:
            await self._morning(term)
            await self._close()
        await self._show()

    async def evaluate(self, day: dt.date, letters: bool) -> Evaluated:
        """Evaluate any day on request; with `letters`, write what that morning gave cause for.

        Raises:
            NotLeadingError: another notifier must be asked.
            FiguresAwayError, StaleTermError: try again.
        """
        term = await self._election.lead()
        if term is None:
            raise NotLeadingError("another notifier evaluates: ask that one")
        evaluated = await self._evaluated(day, term)
        if letters:
            await self._correspondence.record(evaluated)
        return evaluated

    async def _evaluated(self, day: dt.date, term: int) -> Evaluated:
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

    async def _close(self) -> None:
        closed = await self._closing.on_schedule()
        if closed is not None:
            log.info("closed", extra={"month": closed.snapshot.month, "status": closed.snapshot.status})

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

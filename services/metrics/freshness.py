"""Freshness: how far each consumer is behind its log, whether it moves, and waiting until all is counted."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from services.metrics.consumer import Consumer
from services.metrics.instruments import Instruments
from services.metrics.partition_store import START, PartitionStore, id_order
from shared.domain.errors import UnavailableError
from shared.runtime.store import REDIS_ERRORS
from shared.runtime.store_health import ANSWERING, AWAY, store_problem

log = logging.getLogger(__name__)

WITHIN = 30.0
"""Seconds that one request waits."""

POLL = 0.1
"""Seconds between two looks at the checkpoints."""


async def wait_until_counted(stores: Sequence[PartitionStore], fingerprint: str, within: float = WITHIN) -> None:
    """Wait until every entry that the log holds now is counted by the rules of `fingerprint`.

    What is added meanwhile is not waited for: under steady load there is no moment without a backlog.

    Raises:
        UnavailableError: they are not counted `within` seconds.
    """
    deadline = time.monotonic() + within
    ends = {store.key: await store.last_id() for store in stores}
    while problem := await _uncounted(stores, ends, fingerprint):
        if time.monotonic() >= deadline:
            raise UnavailableError(f"metrics is still counting, {problem}: try again later")
        await asyncio.sleep(POLL)


async def _uncounted(stores: Sequence[PartitionStore], ends: Mapping[str, str], fingerprint: str) -> str:
    """Why the counters do not stand at `ends` (log -> entry id); empty where they do."""
    checkpoints = {store.key: await store.checkpoint() for store in stores}
    if any(each.fingerprint not in (None, fingerprint) for each in checkpoints.values()):
        return "the log is being recounted for another catalogue"
    if all(id_order(checkpoints[log].entry_id) >= id_order(end) for log, end in ends.items()):
        return ""
    waiting = sum([(await store.progress())[0] for store in stores])
    return f"{waiting} entries wait"


CATCH_UP_AFTER = 2.0
"""Seconds without progress until a consumer reads the log itself: a subscriber may be dead or pausing."""


@dataclass
class ConsumerHealth:
    """What was seen of one consumer; times are monotonic seconds."""

    consumer: Consumer
    moved_at: float
    cursor: str = START
    lag: int = 0
    oldest: float = 0.0
    catching_up: "asyncio.Task[None] | None" = field(default=None)


class ConsumerMonitor:
    """Knows whether the consumers make progress; `problems` says where not."""

    def __init__(
        self,
        consumers: Sequence[Consumer],
        instruments: Instruments,
        stuck_after: float,
        check_store: Callable[[], Awaitable[None]] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._instruments = instruments
        self._stuck_after = stuck_after
        self._check_store = check_store
        self._problem = ""
        self._now = now
        self._consumers = [ConsumerHealth(consumer, now()) for consumer in consumers]
        self._checked_at: float | None = None

    @property
    def problems(self) -> list[str]:
        """Why the service is not ready; empty when it is."""
        unchecked = self._checked_at is None or self._now() - self._checked_at > self._stuck_after
        if unchecked or self._problem in ANSWERING:
            return [self._problem or AWAY]
        return [
            f"{health.consumer.store.key}: {health.lag} entries waiting, no progress"
            for health in self._consumers
            if self._stuck(health)
        ]

    async def run(self, pause: float = 1.0) -> None:
        """Check every `pause` seconds, for ever."""
        while True:
            try:
                await self.check()
                if self._check_store is not None:
                    await self._check_store()
                self._problem = ""
            except REDIS_ERRORS as error:
                self._problem = store_problem(error)
                log.warning(self._problem, extra={"error": str(error)})
            self._instruments.redis_up.set(not self._problem or self._problem in ANSWERING)
            await asyncio.sleep(pause)

    async def check(self) -> None:
        """Check all consumers once."""
        for health in self._consumers:
            await self._check_one(health)
            if health.lag and self._now() - health.moved_at > CATCH_UP_AFTER:
                self._catch_up(health)
        self._checked_at = self._now()
        self._report()

    async def _check_one(self, health: ConsumerHealth) -> None:
        store = health.consumer.store
        lag, cursor = await store.progress()
        if cursor != health.cursor or not lag:
            health.moved_at = self._now()
        health.cursor, health.lag = cursor, lag
        health.oldest = await store.age_after(cursor) if lag else 0.0

    def _catch_up(self, health: ConsumerHealth) -> None:
        if health.catching_up is None or health.catching_up.done():
            log.warning("consumer reads the log itself", extra={"stream": health.consumer.store.key})
            health.catching_up = asyncio.create_task(health.consumer.try_to_catch_up())

    def _stuck(self, health: ConsumerHealth) -> bool:
        return bool(health.lag) and self._now() - health.moved_at > self._stuck_after

    def _report(self) -> None:
        by_stream: dict[str, list[ConsumerHealth]] = {}
        for health in self._consumers:
            by_stream.setdefault(health.consumer.store.stream, []).append(health)
        for stream, group in by_stream.items():
            self._instruments.lag.labels(stream).set(sum(health.lag for health in group))
            self._instruments.oldest.labels(stream).set(max(health.oldest for health in group))
        self._instruments.stuck.set(sum(map(self._stuck, self._consumers)))

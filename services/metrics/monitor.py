"""Looks at every consumer once a second: how far behind it is, whether it moves; wakes one that fell silent."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.metrics.consumer import Consumer
from services.metrics.instruments import Instruments
from services.metrics.partition_store import START

log = logging.getLogger(__name__)

WAKE_AFTER = 2.0
"""Seconds without progress until a consumer reads the log itself: a subscriber may be dead or pausing."""


@dataclass
class Watched:
    """What was seen of one consumer; times are monotonic seconds."""

    consumer: Consumer
    moved_at: float
    cursor: str = START
    lag: int = 0
    oldest: float = 0.0
    waking: "asyncio.Task[None] | None" = field(default=None)


class Watch:
    """Knows whether the consumers make progress; `ready` says it in one word."""

    def __init__(
        self,
        redis: Redis,
        consumers: Sequence[Consumer],
        instruments: Instruments,
        stuck_after: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._measurements = instruments
        self._stuck_after = stuck_after
        self._now = now
        self._watched = [Watched(consumer, now()) for consumer in consumers]
        self._seen_at: float | None = None

    @property
    def problems(self) -> list[str]:
        """Why the service is not ready; empty when it is."""
        if self._seen_at is None or self._now() - self._seen_at > self._stuck_after:
            return ["redis is unavailable"]
        return [
            f"{watched.consumer.ledger.key}: {watched.lag} entries waiting, no progress"
            for watched in self._watched
            if self._stuck(watched)
        ]

    async def run(self, pause: float = 1.0) -> None:
        """Look every `pause` seconds, for ever.

        Raises:
            Exception: what ended a consumer; the process must end with it.
        """
        while True:
            try:
                await self.look()
                self._measurements.redis_up.set(1)
            except (RedisError, OSError) as error:
                self._measurements.redis_up.set(0)
                log.warning("redis is unavailable", extra={"error": str(error)})
            for watched in self._watched:
                if watched.consumer.failure is not None:
                    raise watched.consumer.failure
            await asyncio.sleep(pause)

    async def look(self) -> None:
        """Look once, at all consumers."""
        for watched in self._watched:
            await self._look_at(watched)
            if watched.lag and self._now() - watched.moved_at > WAKE_AFTER:
                self._wake(watched)
        self._seen_at = self._now()
        self._report()

    async def _look_at(self, watched: Watched) -> None:
        ledger = watched.consumer.ledger
        lag, cursor = await ledger.progress()
        if cursor != watched.cursor or not lag:
            watched.moved_at = self._now()
        watched.cursor, watched.lag = cursor, lag
        watched.oldest = await ledger.age_after(cursor) if lag else 0.0

    def _wake(self, watched: Watched) -> None:
        if watched.waking is None or watched.waking.done():
            log.warning("consumer reads the log itself", extra={"stream": watched.consumer.ledger.key})
            watched.waking = asyncio.create_task(watched.consumer.wake())

    def _stuck(self, watched: Watched) -> bool:
        return bool(watched.lag) and self._now() - watched.moved_at > self._stuck_after

    def _report(self) -> None:
        by_stream: dict[str, list[Any]] = {}
        for watched in self._watched:
            by_stream.setdefault(watched.consumer.ledger.stream, []).append(watched)
        for stream, group in by_stream.items():
            self._measurements.lag.labels(stream).set(sum(watched.lag for watched in group))
            self._measurements.oldest.labels(stream).set(max(watched.oldest for watched in group))
        self._measurements.stuck.set(sum(map(self._stuck, self._watched)))

"""What the notifier does beside answering: listen for progress, keep the mornings, deliver."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Any

import httpx
from faststream.redis import RedisBroker
from redis.asyncio import Redis

from services.notifier.leases import Lease
from services.notifier.outbox.delivery import Delivery
from services.notifier.scheduler import Scheduler
from shared.runtime.server import end
from shared.runtime.store import REDIS_UNAVAILABLE

log = logging.getLogger(__name__)

DELIVERY_PAUSE = 0.5
START_PAUSE = 0.5

GRACE = 1.5
"""Seconds that an attempt under way is given when the process is told to stop; then it is cut off, and the outbox
brings its message back when the lease ends. What a server has accepted by then is known as SENT, or sent twice:
docs/decisions/0030-outbox.md."""


class Runner:
    """The tasks of one notifier process."""

    def __init__(
        self,
        redis: Redis,
        client: httpx.AsyncClient,
        broker: RedisBroker,
        mornings: Scheduler,
        deliveries: Sequence[Delivery],
        election: Lease,
    ) -> None:
        self._redis = redis
        self._client = client
        self._broker = broker
        self._mornings = mornings
        self._deliveries = deliveries
        self._election = election

    async def run(self) -> None:
        """Run until cancelled; attempts under way have GRACE seconds to finish, then the lease is given up.

        Raises:
            Exception: what ended one of the tasks; the process must end with it.
        """
        stop = asyncio.Event()
        deliveries: list[asyncio.Task[None]] = []
        try:
            await self._start_patiently()
            deliveries = [asyncio.create_task(each.run(stop, DELIVERY_PAUSE)) for each in self._deliveries]
            await _first_failure([asyncio.create_task(self._mornings.run()), *deliveries])
        finally:
            stop.set()
            await _ended(deliveries)
            await self.close()

    async def close(self) -> None:
        """Give the lease up, so that another notifier need not wait for its end, and close every connection."""
        with contextlib.suppress(*REDIS_UNAVAILABLE):
            await self._election.resign()
        await self._broker.stop()
        await self._client.aclose()
        await self._redis.aclose()

    async def _start_patiently(self) -> None:
        while True:
            try:
                await self._redis.ping()
                await self._broker.start()
            except REDIS_UNAVAILABLE as error:
                log.warning("redis is away", extra={"error": str(error)})
                await asyncio.sleep(START_PAUSE)
            else:
                return


async def _first_failure(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    """Wait for ever; raise what ends one of `tasks`. The first of them is cancelled on the way out."""
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
        raise RuntimeError("a task of the notifier ended, and none should")
    finally:
        await end(tasks[0])


async def _ended(deliveries: Sequence["asyncio.Task[None]"]) -> None:
    """Wait GRACE seconds for the attempts under way, then cut them off."""
    if deliveries:
        _, late = await asyncio.wait(deliveries, timeout=GRACE)
        await asyncio.gather(*map(end, late))

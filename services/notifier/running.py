"""What the notifier does beside answering: listen for progress, keep the mornings, deliver."""

import asyncio
import contextlib
import logging

import httpx
from faststream.redis import RedisBroker
from redis.asyncio import Redis

from services.notifier.delivery import Delivery
from services.notifier.election import Election
from services.notifier.mornings import Mornings
from shared.store import AWAY

log = logging.getLogger(__name__)

DELIVERY_PAUSE = 0.5
START_PAUSE = 0.5


class Runner:
    """The tasks of one notifier process."""

    def __init__(
        self,
        redis: Redis,
        client: httpx.AsyncClient,
        broker: RedisBroker,
        mornings: Mornings,
        deliveries: list[Delivery],
        election: Election,
    ) -> None:
        self._redis = redis
        self._client = client
        self._broker = broker
        self._mornings = mornings
        self._deliveries = deliveries
        self._election = election

    async def run(self) -> None:
        """Run until cancelled; an attempt under way is finished first, then the lease is given up."""
        await self._start_patiently()
        stop = asyncio.Event()
        deliveries = [asyncio.create_task(each.run(stop, DELIVERY_PAUSE)) for each in self._deliveries]
        try:
            await self._mornings.run()
        finally:
            stop.set()
            await asyncio.gather(*deliveries, return_exceptions=True)
            with contextlib.suppress(*AWAY):
                await self._election.resign()
            await self._broker.stop()
            await self._client.aclose()
            await self._redis.aclose()

    async def _start_patiently(self) -> None:
        while True:
            try:
                await self._redis.ping()
                await self._broker.start()
            except AWAY as error:
                log.warning("redis is away", extra={"error": str(error)})
                await asyncio.sleep(START_PAUSE)
            else:
                return

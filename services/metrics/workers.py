"""What metrics does beside answering: open the store, recount if the catalogue changed, subscribe, watch."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from faststream.redis import RedisBroker
from redis.asyncio import Redis

from services.metrics.consumer import Consumer
from services.metrics.counting import Rules
from services.metrics.monitor import Watch
from services.metrics.months.closing import MonthScheduler
from services.metrics.progress_publisher import ProgressPublisher
from services.metrics.rebuild import Rebuilt, rebuild
from services.metrics.subscription import subscribe
from shared.runtime.server import running_workers
from shared.runtime.store import REDIS_UNAVAILABLE, wait_for_store

log = logging.getLogger(__name__)

PAUSE = 0.5


class Runner:
    """Runs the consumers of one process until it is cancelled or one of them fails for good."""

    def __init__(
        self,
        redis: Redis,
        make_broker: Callable[[], RedisBroker],
        consumers: Sequence[Consumer],
        watch: Watch,
        rules: Rules,
        partitions: int,
        publisher: Callable[[RedisBroker], ProgressPublisher],
        month_scheduler: MonthScheduler,
    ) -> None:
        self._redis = redis
        self._make_broker = make_broker
        self._consumers = consumers
        self._watch = watch
        self._rules = rules
        self._partitions = partitions
        self._publisher = publisher
        self._month_scheduler = month_scheduler

    async def run(self) -> None:
        """Count for ever.

        Raises:
            StoreMismatchError: the store has another number of partitions, or counts that cannot be recounted.
            Exception: what ended a consumer or a worker.
        """
        await wait_for_store(self._redis, {"partitions": str(self._partitions)})
        broker, publisher = await self._start_patiently()
        try:
            async with running_workers(publisher.run(), self._month_scheduler.run()):
                await self._watch.run()
        finally:
            await broker.stop()

    async def _start_patiently(self) -> tuple[RedisBroker, ProgressPublisher]:
        while True:
            broker = self._make_broker()
            publisher = self._publisher(broker)
            try:
                await self._start(broker)
            except REDIS_UNAVAILABLE as error:
                log.warning("redis is unavailable", extra={"error": str(error)})
                await broker.stop()
                await asyncio.sleep(PAUSE)
            else:
                return broker, publisher

    async def _start(self, broker: RedisBroker) -> None:
        await self._recount()
        for consumer in self._consumers:
            consumer.position = consumer.delivered = (await consumer.ledger.position()).cursor
        for consumer in self._consumers:
            subscribe(broker, consumer)
        await broker.start()
        log.info("counting", extra={"logs": len(self._consumers)})

    async def _recount(self) -> None:
        """Counts made under other rules would be wrong to add to: recount their logs first."""
        outdated = []
        for consumer in self._consumers:
            rules = (await consumer.ledger.position()).rules
            if rules not in (None, self._rules.fingerprint):
                outdated.append(consumer.ledger)
        if outdated:
            log.warning("the catalogue's kinds or measures changed: recounting the log", extra={"logs": len(outdated)})
            await rebuild(self._redis, outdated, self._rules, _say)


def _say(rebuilt: Rebuilt) -> None:
    log.info("recounted", extra={"stream": rebuilt.log, "different": rebuilt.different})

"""Wires metrics: the only place that knows how its parts fit together."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence

from fastapi import FastAPI
from faststream.redis import RedisBroker
from faststream.redis.subscriber.usecases import StreamBatchSubscriber
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.middleware.gzip import GZipMiddleware

from services.metrics.api import TITLE, build_api
from services.metrics.consumer import Consumer, subscribe
from services.metrics.counting import Rules
from services.metrics.exporter import Figures, FiguresCollector
from services.metrics.instruments import Instruments
from services.metrics.monitor import Watch
from services.metrics.months.closing import MonthClosing, MonthScheduler
from services.metrics.months.repository import MonthRepository
from services.metrics.partition_store import RedisPartitionStore
from services.metrics.progress_publisher import ProgressPublisher
from services.metrics.projection import CounterProjection
from services.metrics.queries import Queries
from services.metrics.rebuild import Rebuilt, rebuild
from services.metrics.settings import MetricsSettings
from shared.domain.catalogue import load_catalogue
from shared.domain.clock import Clock, system_clock
from shared.http.operations import Readiness, add_asyncapi, add_operations
from shared.log.keys import STREAMS
from shared.runtime import server
from shared.runtime.server import running_workers
from shared.runtime.settings import StoreSettings
from shared.runtime.store import REDIS_UNAVAILABLE, connect, make_broker, wait_for_store
from shared.runtime.tracing import tracing_to

log = logging.getLogger(__name__)

START_PAUSE = 0.5
GZIP_FROM = 1000
"""Bytes from which an answer is worth compressing."""


def ledgers_of(
    redis: Redis, settings: StoreSettings, kind: type[RedisPartitionStore] = RedisPartitionStore
) -> list[RedisPartitionStore]:
    """One ledger per stream and partition."""
    return [kind(redis, stream, partition) for stream in STREAMS for partition in range(settings.partitions)]


def build(
    settings: MetricsSettings, clock: Clock = system_clock, ledger: type[RedisPartitionStore] = RedisPartitionStore
) -> FastAPI:
    """The application, which connects within its lifespan; `ledger` lets a test put its own in.

    Raises:
        CatalogueError, SettingsError: what the service needs cannot be used.
    """
    catalogue = load_catalogue(settings.catalogue)
    rules = Rules(catalogue)
    instruments = Instruments()
    redis = connect(settings)
    ledgers = ledgers_of(redis, settings, ledger)
    view = CounterProjection(redis, ledgers)
    tracing = tracing_to(settings.otlp_endpoint, "metrics")
    consumers = [Consumer(each, rules, view, instruments, tracing=tracing) for each in ledgers]
    watch = Watch(redis, consumers, instruments, settings.stuck_after)
    questions = Queries(catalogue, view, ledgers, rules, clock)
    months = MonthRepository(redis)
    closing = MonthClosing(questions, months, settings.cutoff, settings.grace_days, clock)
    broker = make_broker(settings)
    subscribers = [subscribe(broker, consumer) for consumer in consumers]
    publisher = ProgressPublisher(broker, view, catalogue)

    async def count() -> None:
        """Open the store, recount if the catalogue changed, subscribe; then publish, close months and monitor."""
        await wait_for_store(redis, {"partitions": str(settings.partitions)})
        await _start(broker, redis, rules, consumers, subscribers)
        async with running_workers(publisher.run(), MonthScheduler(closing).run()):
            await watch.run()

    latest = Latest(questions)
    instruments.registry.register(FiguresCollector(catalogue, lambda: latest.figures))

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        log.info("metrics started", extra={"port": settings.metrics_port, "partitions": settings.partitions})
        try:
            async with running_workers(count()):
                yield
        finally:
            await broker.stop()
            await redis.aclose()
            await asyncio.to_thread(tracing.close)
            log.info("metrics stopped")

    async def readiness() -> Readiness:
        return Readiness(watch.problems)

    api = build_api(questions, closing, months, lifespan=lifespan)
    add_operations(api, readiness, instruments.registry, latest.refresh)
    add_asyncapi(api, broker, TITLE)
    api.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM)
    return api


async def _start(
    broker: RedisBroker,
    redis: Redis,
    rules: Rules,
    consumers: Sequence[Consumer],
    subscribers: Sequence[StreamBatchSubscriber],
) -> None:
    """Start the subscribers from the checkpoints, again while Redis is unavailable."""
    while True:
        try:
            await _recount_outdated(redis, rules, [consumer.ledger for consumer in consumers])
            for consumer, subscriber in zip(consumers, subscribers, strict=True):
                consumer.position = (await consumer.ledger.position()).cursor
                subscriber.last_id = consumer.position
            await broker.start()
        except REDIS_UNAVAILABLE as error:
            log.warning("redis is unavailable", extra={"error": str(error)})
            await broker.stop()
            await asyncio.sleep(START_PAUSE)
        else:
            log.info("counting", extra={"logs": len(consumers)})
            return


async def _recount_outdated(redis: Redis, rules: Rules, ledgers: Sequence[RedisPartitionStore]) -> None:
    """Counts made under other rules would be wrong to add to: recount their logs first."""
    outdated = [each for each in ledgers if (await each.position()).rules not in (None, rules.fingerprint)]
    if outdated:
        log.warning("the catalogue's kinds or measures changed: recounting the log", extra={"logs": len(outdated)})
        await rebuild(redis, outdated, rules, _log_rebuilt)


def _log_rebuilt(rebuilt: Rebuilt) -> None:
    log.info("recounted", extra={"stream": rebuilt.log, "different": rebuilt.different})


class Latest:
    """The figures of the last scrape; while Redis is away a scrape shows them again, beside redis_up 0."""

    def __init__(self, questions: Queries) -> None:
        self._questions = questions
        self.figures: Figures | None = None

    async def refresh(self) -> None:
        with contextlib.suppress(RedisError, OSError):
            progress = await self._questions.progress(None)
            month = f"{progress.as_of:%Y-%m}"
            found = await self._questions.reconciliation(month, None, None) if self._questions.has_record else None
            self.figures = Figures(progress, found)


async def serve(settings: MetricsSettings, clock: Clock = system_clock) -> None:
    """Run the service until SIGTERM or SIGINT.

    Raises:
        StoreMismatchError: the store has another number of partitions, or counts that cannot be recounted.
        PortTakenError: something else listens on the port.
    """
    app = build(settings, clock)
    with server.listen(settings.host, settings.metrics_port, "PULSE_METRICS_PORT") as bound:
        await server.serve(app, bound)

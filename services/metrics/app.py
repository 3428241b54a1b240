"""Wires metrics: the only place that knows how its parts fit together."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from functools import partial

from fastapi import FastAPI
from faststream.redis.subscriber.usecases import StreamBatchSubscriber
from redis.asyncio import Redis
from starlette.middleware.gzip import GZipMiddleware

from services.metrics.api import TITLE, build_api
from services.metrics.consumer import Consumer, subscribe
from services.metrics.counting import CountingRules
from services.metrics.exporter import BusinessMetricsCollector, LatestScrape
from services.metrics.freshness import ConsumerMonitor
from services.metrics.instruments import Instruments
from services.metrics.log_replay import Rebuilt, rebuild
from services.metrics.months.closing import MonthClosing, MonthScheduler
from services.metrics.months.repository import MonthRepository
from services.metrics.progress_publisher import ProgressPublisher
from services.metrics.projection import CounterProjection
from services.metrics.queries import Queries
from services.metrics.redis_partition_store import RedisPartitionStore, versions
from services.metrics.settings import MetricsSettings
from shared.domain.catalogue import load_catalogue
from shared.domain.clock import Clock, system_clock
from shared.http.authentication import Authentication
from shared.http.keys import keys_of
from shared.http.operations import Readiness, add_asyncapi, add_operations
from shared.log.keys import STREAMS
from shared.runtime import server
from shared.runtime.server import running_workers
from shared.runtime.settings import StoreSettings
from shared.runtime.store import connect, make_broker, start_subscribers, wait_for_store
from shared.runtime.store_health import check_writable
from shared.runtime.tracing import tracing_to

log = logging.getLogger(__name__)

GZIP_FROM = 1000
"""Bytes from which an answer is worth compressing."""


def partition_stores(
    redis: Redis, settings: StoreSettings, implementation: type[RedisPartitionStore] = RedisPartitionStore
) -> list[RedisPartitionStore]:
    """One store per stream and partition."""
    return [implementation(redis, stream, partition) for stream in STREAMS for partition in range(settings.partitions)]


def build(
    settings: MetricsSettings, clock: Clock = system_clock, store: type[RedisPartitionStore] = RedisPartitionStore
) -> FastAPI:
    """The application, which connects within its lifespan; `store` lets a test put its own in.

    Raises:
        CatalogueError, SettingsError: what the service needs cannot be used.
    """
    catalogue = load_catalogue(settings.catalogue)
    rules = CountingRules(catalogue)
    instruments = Instruments()
    redis = connect(settings)
    stores = partition_stores(redis, settings, store)
    projection = CounterProjection(stores, partial(versions, redis, stores))
    tracing = tracing_to(settings.otlp_endpoint, "metrics")
    consumers = [Consumer(each, rules, projection, instruments, tracing=tracing) for each in stores]
    monitor = ConsumerMonitor(consumers, instruments, settings.stuck_after, partial(check_writable, redis))
    queries = Queries(catalogue, projection, stores, rules, clock)
    months = MonthRepository(redis)
    broker = make_broker(settings)
    subscribers = [subscribe(broker, consumer) for consumer in consumers]
    publisher = ProgressPublisher(broker, projection, catalogue)
    closing = MonthClosing(queries, months, settings.cutoff, settings.grace_days, clock, publisher.announce_months)

    async def count() -> None:
        """Open the store, rebuild if the catalogue changed, subscribe; then publish, close months and monitor."""
        await wait_for_store(redis, {"partitions": str(settings.partitions)})
        await start_subscribers(broker, partial(_begin_at_checkpoints, stores, rules, consumers, subscribers))
        log.info("counting", extra={"logs": len(consumers)})
        failures = [consumer.raise_failure() for consumer in consumers]
        async with running_workers(publisher.run(), MonthScheduler(closing).run(), *failures):
            await monitor.run()

    scrape = LatestScrape(queries)
    instruments.registry.register(BusinessMetricsCollector(catalogue, lambda: scrape.figures))

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
        return Readiness(monitor.problems)

    authentication = Authentication(keys_of(settings.keys_file, catalogue), clock, instruments.registry)
    api = build_api(queries, closing, months, authentication, host_names=settings.host_names, lifespan=lifespan)
    add_operations(api, readiness, instruments.registry, scrape.refresh)
    add_asyncapi(api, broker, TITLE)
    api.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM)
    return api


async def _begin_at_checkpoints(
    stores: Sequence[RedisPartitionStore],
    rules: CountingRules,
    consumers: Sequence[Consumer],
    subscribers: Sequence[StreamBatchSubscriber],
) -> None:
    """Rebuild what other rules counted; then each subscriber reads on from its checkpoint."""
    await _rebuild_outdated(stores, rules)
    for consumer, subscriber in zip(consumers, subscribers, strict=True):
        consumer.checkpoint = (await consumer.store.checkpoint()).entry_id
        subscriber.last_id = consumer.checkpoint


async def _rebuild_outdated(stores: Sequence[RedisPartitionStore], rules: CountingRules) -> None:
    """Counters made under other rules would be wrong to add to: rebuild them first."""
    outdated = [each for each in stores if (await each.checkpoint()).fingerprint not in (None, rules.fingerprint)]
    if outdated:
        log.warning("the catalogue's kinds or measures changed: recounting the log", extra={"logs": len(outdated)})
        await rebuild(outdated, rules, _log_rebuilt)


def _log_rebuilt(rebuilt: Rebuilt) -> None:
    log.info("recounted", extra={"stream": rebuilt.log, "different": rebuilt.different})


async def serve(settings: MetricsSettings, clock: Clock = system_clock) -> None:
    """Run the service until SIGTERM or SIGINT.

    Raises:
        StoreMismatchError: the store has another number of partitions, or counts that cannot be recounted.
        PortTakenError: something else listens on the port.
    """
    app = build(settings, clock)
    with server.listen(settings.host, settings.metrics_port, "PULSE_METRICS_PORT") as bound:
        await server.serve(app, bound)

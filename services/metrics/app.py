"""Wires the metrics service: the only place that knows how its parts fit together."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.responses import Response
from faststream.redis import RedisBroker
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.middleware.gzip import GZipMiddleware

from services.metrics.api import build_api
from services.metrics.consumer import Consumer
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
from services.metrics.settings import MetricsSettings
from services.metrics.workers import Runner
from shared.domain.catalogue import load_catalogue
from shared.domain.clock import Clock, system_clock
from shared.log.keys import STREAMS
from shared.runtime.server import listen, serve_with
from shared.runtime.settings import StoreSettings
from shared.runtime.store import connect, redis_options
from shared.runtime.tracing import tracing_to

log = logging.getLogger(__name__)

GZIP_FROM = 1000
"""Bytes from which an answer is worth compressing."""


def ledgers_of(
    redis: Redis, settings: StoreSettings, kind: type[RedisPartitionStore] = RedisPartitionStore
) -> list[RedisPartitionStore]:
    """One ledger per stream and partition."""
    return [kind(redis, stream, partition) for stream in STREAMS for partition in range(settings.partitions)]


class Parts(NamedTuple):
    """What a running metrics service consists of."""

    api: FastAPI
    runner: Runner
    consumers: list[Consumer]
    view: CounterProjection


def build(
    settings: MetricsSettings, clock: Clock = system_clock, ledger: type[RedisPartitionStore] = RedisPartitionStore
) -> Parts:
    """The service, which connects when it starts; `ledger` lets a test put its own in.

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
    runner = Runner(
        redis,
        lambda: RedisBroker(**redis_options(settings), logger=logging.getLogger("faststream")),
        consumers,
        watch,
        rules,
        settings.partitions,
        lambda broker: ProgressPublisher(broker, view, catalogue),
        MonthScheduler(closing),
    )
    latest = Latest(questions)
    instruments.registry.register(FiguresCollector(catalogue, lambda: latest.figures))

    async def expose() -> Response:
        await latest.refresh()
        return Response(generate_latest(instruments.registry), media_type=CONTENT_TYPE_LATEST)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        log.info("metrics started", extra={"port": settings.metrics_port, "partitions": settings.partitions})
        yield
        await redis.aclose()
        await asyncio.to_thread(tracing.close)
        log.info("metrics stopped")

    api = build_api(questions, closing, months, watch, expose, lifespan=lifespan)
    api.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM)
    return Parts(api, runner, consumers, view)


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


async def serve(settings: MetricsSettings) -> None:
    """Run the service until it is told to stop.

    Raises:
        StoreMismatchError: the store has another number of partitions.
        PortTakenError: something else listens on the port.
    """
    parts = build(settings)
    with listen(settings.host, settings.metrics_port, "PULSE_METRICS_PORT") as bound:
        await serve_with(parts.api, bound, parts.runner.run())

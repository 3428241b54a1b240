"""Wires ingest: builds its parts, opens and closes its connections."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import FastAPI

from services.ingest.admission import Admission
from services.ingest.api import build_api
from services.ingest.dead_letter_content import ContentFilter
from services.ingest.dead_letter_queue import DeadLetterQueue, DeadLetterReplayer
from services.ingest.dead_letter_stream import DeadLetterLimits
from services.ingest.ingestion import Ingestion
from services.ingest.instruments import Instruments
from services.ingest.monitor import StoreMonitor
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.publisher import Publisher
from services.ingest.request_guard import RequestGuard
from services.ingest.settings import IngestSettings
from shared.domain.catalogue import load_catalogue
from shared.domain.clock import Clock, system_clock
from shared.http.authentication import Authentication
from shared.http.keys import WatchedKeys
from shared.runtime import server
from shared.runtime.server import running_workers
from shared.runtime.settings import read_secret
from shared.runtime.store import connect, make_broker, open_store
from shared.runtime.tracing import tracing_to

log = logging.getLogger(__name__)


def build(settings: IngestSettings, clock: Clock = system_clock) -> FastAPI:
    """The application, which connects within its lifespan.

    Raises:
        CatalogueError, SettingsError: what the service needs cannot be used.
    """
    catalogue = load_catalogue(settings.catalogue)
    keys = WatchedKeys(settings.keys_file, catalogue)
    pseudonymise = _pseudonymiser(settings)
    instruments = Instruments()
    broker = make_broker(settings, settings.max_in_flight)
    redis = connect(settings)
    limits = DeadLetterLimits.of(settings)
    monitor = StoreMonitor(redis, _identity(settings, pseudonymise), instruments, limits)
    tracing = tracing_to(settings.otlp_endpoint, "ingest")
    publisher = Publisher(broker, settings.partitions, _replica_timeout(settings), limits, tracing=tracing)
    contents = ContentFilter(catalogue, pseudonymise)
    most = settings.max_batch_events
    ingestion = Ingestion(Admission(catalogue), pseudonymise, contents, publisher, instruments, clock, most)
    authentication = Authentication(keys, clock, instruments.registry)
    guard = RequestGuard(
        authentication, instruments, settings.max_in_flight, settings.max_body_bytes, settings.max_bytes_in_flight
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await broker.connect()
        log.info("ingest started", extra={"port": settings.ingest_port, "partitions": settings.partitions})
        try:
            async with running_workers(monitor.run()):
                yield
        finally:
            await broker.stop()
            await redis.aclose()
            await asyncio.to_thread(tracing.close)
            log.info("ingest stopped")

    return build_api(
        ingestion,
        guard,
        monitor,
        instruments,
        catalogue,
        broker,
        tracing,
        webhook_origins=frozenset((settings.webhook_origins or "").split()),
        lifespan=lifespan,
    )


@contextlib.asynccontextmanager
async def dead_letter_replay(
    settings: IngestSettings, clock: Clock = system_clock
) -> AsyncIterator[tuple[DeadLetterQueue, DeadLetterReplayer]]:
    """The dead letter queue and what replays it, on an open store.

    Raises:
        CatalogueError, SettingsError, StoreMismatchError: what is needed cannot be used.
    """
    catalogue = load_catalogue(settings.catalogue)
    keys = WatchedKeys(settings.keys_file, catalogue)
    broker = make_broker(settings)
    limits = DeadLetterLimits.of(settings)
    publisher = Publisher(broker, settings.partitions, _replica_timeout(settings), limits)
    pseudonymise = _pseudonymiser(settings)
    async with connect(settings) as redis:
        await open_store(redis, _identity(settings, pseudonymise))
        await broker.connect()
        try:
            queue = DeadLetterQueue(redis)
            yield queue, DeadLetterReplayer(queue, Admission(catalogue), keys, pseudonymise, publisher, clock)
        finally:
            await broker.stop()


def _pseudonymiser(settings: IngestSettings) -> Pseudonymiser:
    return Pseudonymiser(read_secret(settings.pseudonym_secret_file, "PULSE_PSEUDONYM_SECRET_FILE"))


def _identity(settings: IngestSettings, pseudonymise: Pseudonymiser) -> dict[str, str]:
    """What the store must have been made with: see `open_store`."""
    return {"partitions": str(settings.partitions), "pseudonym fingerprint": pseudonymise.fingerprint}


def _replica_timeout(settings: IngestSettings) -> float | None:
    return settings.replica_timeout if settings.durability == "replica" else None


async def serve(settings: IngestSettings, clock: Clock = system_clock) -> None:
    """Run the service until SIGTERM or SIGINT.

    Raises:
        StoreMismatchError: Redis holds data made under other settings.
        PortTakenError: something else listens on the port.
    """
    app = build(settings, clock)
    with server.listen(settings.host, settings.ingest_port, "PULSE_INGEST_PORT") as bound:
        await server.serve(app, bound)

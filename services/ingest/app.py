"""Wires the ingest service: the only place that knows how its parts fit together."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import FastAPI
from faststream.redis import RedisBroker

from services.ingest.admission import Admission
from services.ingest.api import build_api
from services.ingest.auth import load_keys
from services.ingest.dead_letter_queue import DeadLetterQueue
from services.ingest.dead_letter_replay import DeadLetterReplayer
from services.ingest.ingestion import Ingestion
from services.ingest.instruments import Instruments
from services.ingest.monitor import Watch
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.publisher import Publisher
from services.ingest.request_guard import RequestGuard
from services.ingest.settings import IngestSettings
from shared.domain.catalogue import load_catalogue
from shared.domain.clock import Clock, system_clock
from shared.runtime.server import listen, serve_with
from shared.runtime.settings import read_secret
from shared.runtime.store import connect, open_store, redis_options
from shared.runtime.tracing import tracing_to

log = logging.getLogger(__name__)


def build(settings: IngestSettings, clock: Clock = system_clock) -> tuple[FastAPI, Watch]:
    """The application, which connects when it starts, and the watch whose task must stay alive with it.

    Raises:
        CatalogueError, SettingsError: what the service needs cannot be used.
    """
    catalogue = load_catalogue(settings.catalogue)
    keys = load_keys(settings.keys_file, catalogue)
    pseudonymise = _pseudonymiser(settings)
    instruments = Instruments()
    broker = RedisBroker(**redis_options(settings), logger=logging.getLogger("faststream"))
    redis = connect(settings)
    watch = Watch(redis, _identity(settings, pseudonymise), instruments)
    tracing = tracing_to(settings.otlp_endpoint, "ingest")
    publisher = Publisher(broker, settings.partitions, _replica_timeout(settings), tracing=tracing)
    intake = Ingestion(Admission(catalogue), pseudonymise, publisher, instruments, clock, settings.max_batch_events)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await broker.connect()
        log.info("ingest started", extra={"port": settings.ingest_port, "partitions": settings.partitions})
        yield
        await broker.stop()
        await redis.aclose()
        await asyncio.to_thread(tracing.close)
        log.info("ingest stopped")

    door = RequestGuard(keys, instruments, settings.max_in_flight, settings.max_body_bytes)
    return build_api(intake, door, watch, instruments, catalogue, tracing, lifespan=lifespan), watch


@contextlib.asynccontextmanager
async def retrier(
    settings: IngestSettings, clock: Clock = system_clock
) -> AsyncIterator[tuple[DeadLetterQueue, DeadLetterReplayer]]:
    """The dead letters and what retries them, on an open store.

    Raises:
        CatalogueError, SettingsError, StoreMismatchError: what is needed cannot be used.
    """
    catalogue = load_catalogue(settings.catalogue)
    keys = load_keys(settings.keys_file, catalogue)
    broker = RedisBroker(**redis_options(settings), logger=logging.getLogger("faststream"))
    publisher = Publisher(broker, settings.partitions, _replica_timeout(settings))
    async with connect(settings) as redis:
        await open_store(redis, _identity(settings, _pseudonymiser(settings)))
        await broker.connect()
        try:
            letterbox = DeadLetterQueue(redis)
            yield letterbox, DeadLetterReplayer(letterbox, Admission(catalogue), keys, publisher, clock)
        finally:
            await broker.stop()


def _pseudonymiser(settings: IngestSettings) -> Pseudonymiser:
    return Pseudonymiser(read_secret(settings.pseudonym_secret_file, "PULSE_PSEUDONYM_SECRET_FILE"))


def _identity(settings: IngestSettings, pseudonymise: Pseudonymiser) -> dict[str, str]:
    """What the store must have been made with: see `open_store`."""
    return {"partitions": str(settings.partitions), "pseudonym fingerprint": pseudonymise.fingerprint}


def _replica_timeout(settings: IngestSettings) -> float | None:
    return settings.replica_timeout if settings.durability == "replica" else None


async def serve(settings: IngestSettings) -> None:
    """Run the service until it is told to stop.

    Raises:
        StoreMismatchError: Redis holds data made under other settings.
        PortTakenError: something else listens on the port.
    """
    app, watch = build(settings)
    with listen(settings.host, settings.ingest_port, "PULSE_INGEST_PORT") as bound:
        await serve_with(app, bound, watch.run())

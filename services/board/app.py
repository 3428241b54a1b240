"""Wires the board: the only place that knows how its parts fit together."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx
from fastapi import FastAPI
from faststream.redis import RedisBroker, StreamSub
from redis.asyncio import Redis
from starlette.middleware.gzip import GZipMiddleware

from services.board.api import Board, board_routes, notice_routes
from services.board.board_data import BoardData, FlagSource
from services.board.events import Live
from services.board.instruments import Instruments
from services.board.page_cache import PageCache
from services.board.rendering import Assets, PageRenderer
from services.board.settings import BoardSettings
from shared.clients.metrics import MetricsClient
from shared.clients.notifier import NotifierClient
from shared.contracts.flags import FlagChanged
from shared.contracts.metrics import ProgressChanged
from shared.domain.catalogue import load_catalogue
from shared.domain.clock import Clock, system_clock
from shared.domain.errors import PulseError
from shared.http.application import make_app
from shared.http.operations import Readiness, add_asyncapi, add_operations
from shared.log.keys import FLAGS, PROGRESS
from shared.runtime import server
from shared.runtime.server import running_workers
from shared.runtime.store import REDIS_ERRORS, connect, keep_subscribed, make_broker

log = logging.getLogger(__name__)

TITLE = "Pulse5299 board"
GZIP_FROM = 1000
"""Bytes from which an answer is worth compressing."""

POLL_MILLISECONDS = 1000

MONITOR_PAUSE = 5.0
"""Seconds between two looks whether Redis answers."""


class Parts(NamedTuple):
    """What a running board consists of."""

    app: FastAPI
    live: Live


def build(settings: BoardSettings, clock: Clock = system_clock) -> Parts:
    """The service, which connects within its lifespan.

    Raises:
        CatalogueError, SettingsError: what the service needs cannot be used.
    """
    catalogue = load_catalogue(settings.catalogue)
    instruments = Instruments()
    http = httpx.AsyncClient(trust_env=False)
    broker = make_broker(settings)
    redis = connect(settings)
    metrics = MetricsClient(http, settings.metrics_url)
    cache = PageCache()
    data = BoardData(catalogue, metrics, cache, clock)
    flags = FlagSource(NotifierClient(http, settings.notifier_url))
    live = Live(lambda: data.day, secrets.token_hex(4))
    instruments.open_pages.set_function(lambda: live.listeners)
    assets = Assets()
    board = Board(data, cache, flags, live, PageRenderer(assets), instruments)
    subscribe(broker, cache, flags, live, instruments)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        log.info("board started", extra={"port": settings.board_port})
        try:
            async with running_workers(keep_subscribed(broker), live.run(), monitor_redis(redis, instruments)):
                yield
        finally:
            await broker.stop()
            await redis.aclose()
            await http.aclose()
            log.info("board stopped")

    async def readiness() -> Readiness:
        cache.expire()
        try:
            await data.progress(data.day)
        except PulseError as error:
            return Readiness([f"metrics is unavailable: {error}"])
        return Readiness([])

    app = make_app(TITLE, "Pages for people, and the notice of a closed month.", openapi_url=None, lifespan=lifespan)
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM)
    app.include_router(board_routes(board, assets))
    app.include_router(notice_routes(metrics, catalogue, clock))
    add_operations(app, readiness, instruments.registry)
    add_asyncapi(app, broker, TITLE)
    return Parts(app, live)


def subscribe(broker: RedisBroker, cache: PageCache, flags: FlagSource, live: Live, instruments: Instruments) -> None:
    """From now on, drop what a change makes outdated, and tell the open pages."""

    @broker.subscriber(stream=StreamSub(PROGRESS, polling_interval=POLL_MILLISECONDS), title=PROGRESS)
    async def progress(entry: ProgressChanged) -> None:
        instruments.changes.labels(PROGRESS).inc()
        if cache.follow(entry):
            live.changed()

    @broker.subscriber(stream=StreamSub(FLAGS, polling_interval=POLL_MILLISECONDS), title=FLAGS)
    async def flag(_: FlagChanged) -> None:
        instruments.changes.labels(FLAGS).inc()
        flags.invalidate()
        live.changed()


async def monitor_redis(redis: Redis, instruments: Instruments, pause: float = MONITOR_PAUSE) -> None:
    """Say every `pause` seconds whether Redis answers: while it does not, open pages hear of no change."""
    while True:
        try:
            await redis.ping()
            instruments.redis_up.set(1)
        except REDIS_ERRORS:
            instruments.redis_up.set(0)
        await asyncio.sleep(pause)


async def serve(settings: BoardSettings, clock: Clock = system_clock) -> None:
    """Run the service until SIGTERM or SIGINT.

    Raises:
        PortTakenError: something else listens on the port.
    """
    parts = build(settings, clock)
    with server.listen(settings.host, settings.board_port, "PULSE_BOARD_PORT") as bound:
        await server.serve(parts.app, bound, parts.live.stop)

"""Connections to Redis, and the identity of what it holds: partitions and pseudonym secret fixed at first start."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any

from faststream.redis import RedisBroker
from faststream.redis.subscriber.usecases import StreamSubscriber
from redis import exceptions
from redis.asyncio import Connection, ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from shared.domain.errors import ConfigError
from shared.log.keys import STORE
from shared.runtime.settings import StoreSettings

log = logging.getLogger(__name__)

REDIS_UNAVAILABLE = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.BusyLoadingError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
    OSError,
)
"""What redis-py raises while Redis is away, stalled, loading its log, full, or not yet the primary."""

REDIS_ERRORS = (exceptions.RedisError, OSError)
"""Every error of Redis, with that of a full disk (a ResponseError, "MISCONF ..."): workers wait all of them out."""


class StoreMismatchError(ConfigError):
    """Redis holds data made under other settings; the message says which, and the remedy."""


class LostConnectionError(exceptions.ConnectionError):
    """The connection was closed under a command that was being sent."""


class StoreConnection(Connection):
    """A connection that says it is lost in redis-py's words.

    uvloop raises RuntimeError for a write to a transport that the other side has just closed; left alone it would pass
    every handler of `REDIS_UNAVAILABLE` and end the process.
    """

    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        try:
            await super().send_packed_command(command, check_health)
        except RuntimeError as error:
            raise LostConnectionError(str(error)) from error


def redis_options(settings: StoreSettings) -> dict[str, Any]:
    """Keyword arguments of a client or broker: bytes in and out, one retry of a broken connection, bounded waits."""
    return {
        "connection_class": StoreConnection,
        "host": settings.redis_host,
        "port": settings.redis_port,
        "password": settings.redis_password(),
        "retry": Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,)),
        "socket_timeout": settings.redis_timeout,
        "socket_connect_timeout": settings.redis_timeout,
        "health_check_interval": 0,
    }


def connect(settings: StoreSettings) -> Redis:
    """A client; it connects when first used."""
    return Redis.from_pool(ConnectionPool(**redis_options(settings), decode_responses=False))


def make_broker(settings: StoreSettings, max_connections: int | None = None) -> RedisBroker:
    """FastStream's broker; it connects when started. Its AsyncAPI document names no real address.

    One command more than `max_connections` at once is an error; redis-py's own figure is 100.
    """
    options = redis_options(settings) | {"max_connections": max_connections}
    return RedisBroker(**options, logger=logging.getLogger("faststream"), specification_url="redis://redis:6379")


async def open_store(redis: Redis, expected: Mapping[str, str]) -> str:
    """Write `expected` (setting -> value) at the first start, compare at every later one; the store's id.

    Raises:
        StoreMismatchError: the store was made with another value of a setting.
    """
    wanted = {"id": secrets.token_hex(8), **expected}
    stored = await _fields(redis)
    if not wanted.keys() <= stored.keys():
        for name, value in wanted.items():
            await redis.hsetnx(STORE, name, value)
        stored = await _fields(redis)
    for name, value in expected.items():
        if stored[name] != value:
            raise StoreMismatchError(
                f"this store was made with {name} {stored[name]}, this process has {value}: "
                f"start it with the {name} the store has, or with an empty store"
            )
    return stored["id"]


async def _fields(redis: Redis) -> dict[str, str]:
    fields: Any = await redis.hgetall(STORE)
    return {name.decode(): value.decode() for name, value in fields.items()}


async def wait_for_store(redis: Redis, expected: Mapping[str, str], pause: float = 0.2) -> str:
    """`open_store`, again every `pause` seconds while Redis is unavailable or refuses, full for example."""
    said = ""
    while True:
        try:
            return await open_store(redis, expected)
        except REDIS_ERRORS as error:
            if str(error) != said:
                said = str(error)
                log.warning("the store cannot be opened yet", extra={"error": said})
            await asyncio.sleep(pause)


async def start_subscribers(
    broker: RedisBroker, set_positions: Callable[[], Awaitable[None]], pause: float = 0.5
) -> None:
    """Set where the subscribers of `broker` begin and start them, again every `pause` seconds while Redis is away.

    Raises:
        Exception: what `set_positions` raises beside REDIS_ERRORS.
    """
    while True:
        try:
            await set_positions()
            await broker.start()
        except REDIS_ERRORS as error:
            log.warning("redis is unavailable", extra={"error": str(error)})
            await broker.stop()
            await asyncio.sleep(pause)
        else:
            return


async def keep_subscribed(broker: RedisBroker) -> None:
    """A worker whose subscribers read what follows the last entry of their stream as of now.

    The default, `$`, is what follows each single read: what comes between two reads, or while Redis restarts, would be
    lost.
    """
    await start_subscribers(broker, partial(_begin_at_last_entries, broker))
    await asyncio.Event().wait()


async def _begin_at_last_entries(broker: RedisBroker) -> None:
    redis = await broker.connect()
    for subscriber in broker.subscribers:
        if isinstance(subscriber, StreamSubscriber) and subscriber.last_id == "$":
            entries: Any = await redis.xrevrange(subscriber.stream_sub.name, count=1)
            subscriber.last_id = entries[0][0].decode() if entries else "0-0"

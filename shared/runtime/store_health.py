"""What is wrong with Redis, in the words that /readyz, problems and logs have for it: one classification for all."""

from redis import exceptions
from redis.asyncio import Redis

AWAY = "redis is unavailable"
LOADING = "redis is loading its log"
READ_ONLY = "redis is read-only"
FULL = "redis is full"
REFUSES = "redis refuses a command"

ANSWERING = frozenset({READ_ONLY, FULL, REFUSES})
"""Problems of a server that is there."""

_WRITES_NOTHING = "#!lua\nreturn 1"
"""A script that says what it does is refused as any write is, and this one leaves nothing behind."""


def store_problem(error: BaseException) -> str:
    """What `error`, of redis-py or a socket, says of Redis; nothing of its text, which may hold what was written."""
    match error:
        case exceptions.BusyLoadingError():
            return LOADING
        case exceptions.ReadOnlyError():
            return READ_ONLY
        case exceptions.OutOfMemoryError():
            return FULL
        case exceptions.ResponseError():
            text = str(error)
            if "MISCONF" in text:  # it cannot write to its disk
                return FULL
            return READ_ONLY if "NOREPLICAS" in text else REFUSES
    return AWAY


async def check_writable(redis: Redis) -> None:
    """Ask whether Redis takes writes now, without one.

    Raises:
        RedisError, OSError: it does not; `store_problem` says why.
    """
    await redis.eval(_WRITES_NOTHING, 0)


def weaker_durability(durability: str) -> list[str]:
    """What to say of a durability that is less than 202 promises: `everysec`, `no`, `off` or `unknown`."""
    return [] if durability == "always" else [f"weaker durability: {durability}"]

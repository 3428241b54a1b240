"""The board's look at Redis: whatever Redis answers, the gauge says it and the board goes on."""

import asyncio
from typing import Any

import pytest
from redis import exceptions

from services.board.app import monitor_redis
from services.board.instruments import Instruments


class Refusing:
    """A Redis that refuses its first PING with an error, then answers."""

    def __init__(self, error: Exception, answered: asyncio.Event) -> None:
        self._error: Exception | None = error
        self._answered = answered

    async def ping(self) -> bool:
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        self._answered.set()
        return True


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ConnectionError("away"),
        exceptions.ResponseError("MISCONF errors writing to disk"),
        exceptions.MasterDownError("link with the primary is down"),
    ],
)
async def test_a_refusal_does_not_end_the_board(error: Exception) -> None:
    answered = asyncio.Event()
    redis: Any = Refusing(error, answered)
    instruments = Instruments()
    monitor = asyncio.create_task(monitor_redis(redis, instruments, pause=0))
    async with asyncio.timeout(5):
        await answered.wait()
    monitor.cancel()
    await asyncio.wait({monitor})
    assert monitor.cancelled()

"""The board says in its metrics whether Redis answers."""

import asyncio
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

from services.board.app import monitor_redis
from services.board.instruments import Instruments


class Pinged:
    """A Redis that answers or not, and counts the questions."""

    def __init__(self) -> None:
        self.away = False
        self.pings = 0

    async def ping(self) -> None:
        self.pings += 1
        if self.away:
            raise RedisConnectionError("away")

    async def looked_at(self) -> None:
        """Wait until it was asked twice more: the first answer has been recorded by then."""
        pings = self.pings
        async with asyncio.timeout(5):
            while self.pings < pings + 2:
                await asyncio.sleep(0)


async def test_redis_up_follows_redis() -> None:
    redis: Any = Pinged()
    instruments = Instruments()
    monitoring = asyncio.create_task(monitor_redis(redis, instruments, 0))
    for away, up in ((False, 1), (True, 0), (False, 1)):
        redis.away = away
        await redis.looked_at()
        assert instruments.registry.get_sample_value("pulse_board_redis_up") == up
    monitoring.cancel()

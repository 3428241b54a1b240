"""Store monitor: opens the store, then checks every few seconds that it answers, is the same, and how durable it is."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.ingest.dead_letter_stream import DeadLetterLimits, totals
from services.ingest.instruments import Instruments
from shared.runtime.store import REDIS_ERRORS, open_store, wait_for_store
from shared.runtime.store_health import ANSWERING, AWAY, check_writable, store_problem

log = logging.getLogger(__name__)


class StoreMonitor:
    """The health of Redis at the last check: the store's id once it is open, whether it answers, its durability."""

    def __init__(
        self, redis: Redis, expected: Mapping[str, str], instruments: Instruments, limits: DeadLetterLimits
    ) -> None:
        self._redis = redis
        self._expected = expected
        self._instruments = instruments
        self._limits = limits
        self.store: str | None = None
        self.problem = AWAY
        """Why no event can be taken; empty while one can."""
        self.durability = "unknown"

    async def run(self, pause: float = 5.0) -> None:
        """Open the store, then check and open it again every `pause` seconds.

        A store that was emptied or restored under the running process must fit its settings too.

        Raises:
            StoreMismatchError: the store was made under other settings.
        """
        self.store = await wait_for_store(self._redis, self._expected)
        while True:
            if await self.check():
                with contextlib.suppress(*REDIS_ERRORS):
                    self.store = await open_store(self._redis, self._expected)
                    await self._limits.enforce(self._redis)
            await asyncio.sleep(pause)

    async def check(self) -> bool:
        """Check once; whether Redis takes events. What is wrong is logged when it begins."""
        try:
            memory: dict[str, Any] = await self._redis.info("memory")
            dead_letters = await totals(self._redis)
            self._record(await self._configured_durability())
            await check_writable(self._redis)
            problem = ""
        except REDIS_ERRORS as error:
            problem = store_problem(error)
            if problem != self.problem:
                log.warning(problem, extra={"error": str(error)})
        self.problem = problem
        self._instruments.redis_up.set(problem == "" or problem in ANSWERING)
        if problem:
            return False
        self._instruments.redis_memory.set(memory["used_memory"])
        self._instruments.redis_memory_limit.set(memory.get("maxmemory", 0))
        self._instruments.deadletters.set(dead_letters.number)
        self._instruments.deadletter_bytes.set(dead_letters.bytes)
        self._instruments.deadletters_dropped.set(dead_letters.dropped)
        return True

    def _record(self, durability: str) -> None:
        if durability != self.durability and durability != "always":
            log.warning("redis is less durable than 202 promises", extra={"durability": durability})
        self.durability = durability
        self._instruments.durable.set(durability == "always")

    async def _configured_durability(self) -> str:
        """`always`, `everysec`, `no`, `off` (no append-only file), or `unknown` where CONFIG is forbidden."""
        try:
            config: dict[Any, Any] = await self._redis.config_get("append*")
        except RedisError as error:
            if "unknown command" in str(error).lower() or "NOPERM" in str(error):
                return "unknown"
            raise
        return str(config.get("appendfsync", "unknown")) if config.get("appendonly") == "yes" else "off"

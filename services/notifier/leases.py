"""The lease that lets one of several notifiers evaluate, in Redis, with a fencing token.

A lease alone is not enough: a process that was paused past its end still acts as the holder. So every term has a
number that only grows, stored at `fence_key`; a script that writes what the holder decided compares it with the term it
was given and refuses an older one (Kleppmann, "How to do distributed locking", 2016). `name` is the hash tag: use that
of the keys the script writes, so that fence and result share a slot.
"""

import asyncio
import contextlib
import datetime as dt
import secrets
from collections.abc import AsyncIterator

from redis.asyncio import Redis

from services.notifier.lua import source
from shared.runtime.server import cancel_and_wait
from shared.runtime.store import REDIS_ERRORS

LEASE = dt.timedelta(seconds=12)

RENEW_SECONDS = 4.0
"""Between two renewals: a third of the lease, so that one failed renewal does not lose it."""


class Lease:
    """A candidate for the lease `name`. Call `lead` more often than every `lease`."""

    def __init__(self, redis: Redis, name: str, lease: dt.timedelta = LEASE) -> None:
        self._lease_key = f"{{{name}}}:lease"
        self.fence_key = f"{{{name}}}:fence"
        self._candidate = secrets.token_hex(16)
        self._lease = lease
        self._lead = redis.register_script(source("lead"))
        self._resign = redis.register_script(source("resign"))

    async def lead(self) -> int | None:
        """Take or renew the lease: the number of the term while this candidate holds it, else None."""
        lease = int(self._lease / dt.timedelta(milliseconds=1))
        term = await self._lead(keys=[self._lease_key, self.fence_key], args=[self._candidate, lease])
        return int(term) or None

    async def resign(self) -> None:
        """Give the lease up, so that another need not wait for its end."""
        await self._resign(keys=[self._lease_key], args=[self._candidate])

    @contextlib.asynccontextmanager
    async def renewed(self) -> AsyncIterator[None]:
        """Renew the lease every RENEW_SECONDS, however long the block takes."""
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            await cancel_and_wait(renewing)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with contextlib.suppress(*REDIS_ERRORS):
                await self.lead()

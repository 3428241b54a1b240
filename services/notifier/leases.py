"""One leader among several notifiers, by a lease in Redis with a fencing token.

A lease alone does not do: a leader that was paused wakes up believing it still leads. So every term of office
has a number that only grows, kept at `fence_key`; a script that writes what the leader decided compares it with
the term it was given and refuses an older one (Kleppmann, "How to do distributed locking", 2016). `name` is the
hash tag: use that of the keys the script writes, so that fence and result share a slot.
"""

import datetime as dt
import secrets

from redis.asyncio import Redis

from services.notifier.lua import source

LEASE = dt.timedelta(seconds=12)


class Lease:
    """A candidate for leader under `name`. Call `lead` more often than every `lease`."""

    def __init__(self, redis: Redis, name: str, lease: dt.timedelta = LEASE) -> None:
        self._lease_key = f"{{{name}}}:lease"
        self.fence_key = f"{{{name}}}:fence"
        self._candidate = secrets.token_hex(16)
        self._lease = lease
        self._lead = redis.register_script(source("lead"))
        self._resign = redis.register_script(source("resign"))

    async def lead(self) -> int | None:
        """Take or renew the lease: the number of the term while this candidate leads, else None."""
        lease = int(self._lease / dt.timedelta(milliseconds=1))
        term = await self._lead(keys=[self._lease_key, self.fence_key], args=[self._candidate, lease])
        return int(term) or None

    async def resign(self) -> None:
        """Give the lease up, so that another need not wait for its end."""
        await self._resign(keys=[self._lease_key], args=[self._candidate])

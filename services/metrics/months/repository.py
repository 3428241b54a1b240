"""Snapshots, the state of every month and the audit trail, in Redis; every change is one script.

{months}:since            the day the schedule began: months that ended before it are closed by hand
{months}:state            hash: month -> MonthState as JSON
{months}:snapshot:DIGEST  the JSON whose SHA-256 is DIGEST; written once, never again
{months}:audit            stream, only ever added to
"""

import datetime as dt
from typing import Any, cast

from redis.asyncio import Redis

from services.notifier.lua import source
from shared.contracts.months import AuditEntry, MonthState

SINCE = "{months}:since"
STATE = "{months}:state"
AUDIT = "{months}:audit"


class Months:
    """Reads and changes what is kept of months."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._change = redis.register_script(source("month"))

    async def since(self, today: dt.date) -> dt.date:
        """The day this was first asked, `today` if that is now."""
        await self._redis.set(SINCE, str(today), nx=True)
        found = cast("bytes", await self._redis.get(SINCE))
        return dt.date.fromisoformat(found.decode())

    async def state(self, month: str) -> MonthState | None:
        found: Any = await self._redis.hget(STATE, month)
        return MonthState.model_validate_json(found) if found else None

    async def states(self) -> list[MonthState]:
        """Every month that was ever closed, in order."""
        found: Any = await self._redis.hgetall(STATE)
        return sorted((MonthState.model_validate_json(state) for state in found.values()), key=lambda s: s.month)

    async def snapshot(self, digest: str) -> bytes | None:
        """The JSON kept under `digest`, as it is now."""
        found: Any = await self._redis.get(_snapshot_key(digest))
        return cast("bytes | None", found)

    async def change(
        self, before: MonthState | None, after: MonthState, audit: AuditEntry, snapshot: bytes = b""
    ) -> bool:
        """Move a month from one state to the next with snapshot and audit entry; False if it moved meanwhile."""
        keys = [STATE, _snapshot_key(after.taken[-1].digest), AUDIT]
        args: list[str | bytes] = [
            after.month,
            before.model_dump_json() if before else "",
            after.model_dump_json(),
            snapshot,
            audit.model_dump_json(),
        ]
        return bool(await self._change(keys=keys, args=args))

    async def audit(self) -> list[AuditEntry]:
        """The whole trail, oldest first."""
        found: Any = await self._redis.xrange(AUDIT)
        return [AuditEntry.model_validate_json(fields[b"entry"]) for _, fields in found]


def _snapshot_key(digest: str) -> str:
    return f"{{months}}:snapshot:{digest}"

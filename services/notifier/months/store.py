"""Snapshots, the state of every month and the audit trail, in Redis; every change is one script.

{months}:state               hash: month -> MonthState as JSON
{months}:snapshot:MONTH:REV  Closed as JSON; a final one is never written again
{months}:audit               stream, only ever added to
"""

from typing import Any

from redis.asyncio import Redis

from services.notifier.lua import source
from services.notifier.months.records import AuditEntry, Closed, MonthState

STATE = "{months}:state"
AUDIT = "{months}:audit"


class Months:
    """Reads and changes what is kept of months."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._change = redis.register_script(source("month"))

    async def state(self, month: str) -> MonthState | None:
        found: Any = await self._redis.hget(STATE, month)
        return MonthState.model_validate_json(found) if found else None

    async def states(self) -> list[MonthState]:
        """Every month that was ever closed, in order."""
        found: Any = await self._redis.hgetall(STATE)
        return sorted((MonthState.model_validate_json(state) for state in found.values()), key=lambda s: s.month)

    async def closed(self, month: str, revision: int) -> Closed | None:
        found: Any = await self._redis.get(_snapshot_key(month, revision))
        return Closed.model_validate_json(found) if found else None

    async def change(
        self, before: MonthState | None, after: MonthState, audit: AuditEntry, closed: Closed | None
    ) -> bool:
        """Move a month from one state to the next with snapshot and audit entry; False if it moved meanwhile."""
        keys = [STATE, _snapshot_key(after.month, after.revision), AUDIT]
        args = [
            after.month,
            before.model_dump_json() if before else "",
            after.model_dump_json(),
            closed.model_dump_json() if closed else "",
            audit.model_dump_json(),
        ]
        return bool(await self._change(keys=keys, args=args))

    async def audit(self) -> list[AuditEntry]:
        """The whole trail, oldest first."""
        found: Any = await self._redis.xrange(AUDIT)
        return [AuditEntry.model_validate_json(fields[b"entry"]) for _, fields in found]


def _snapshot_key(month: str, revision: int) -> str:
    return f"{{months}}:snapshot:{month}:{revision}"

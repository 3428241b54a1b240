"""Month repository: snapshots, the state of every month and the audit trail, in Redis; every change is one script.

{months}:since            the day the schedule began: months that ended before it are closed by hand
{months}:state            hash: month -> MonthState as JSON
{months}:snapshot:DIGEST  the JSON whose SHA-256 is DIGEST; written once, never again
{months}:audit            stream, only ever added to
"""

import datetime as dt
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError
from redis.asyncio import Redis

from shared.contracts.months import AuditEntry, ClosedMonth, MonthState
from shared.domain.errors import ConflictError, NotFoundError
from shared.domain.months import Month
from shared.domain.snapshot import Snapshot

SINCE = "{months}:since"
STATE = "{months}:state"
AUDIT = "{months}:audit"

CHANGE = Path(__file__).with_name("month.lua").read_text(encoding="utf-8")


class MonthRepository:
    """Reads and changes the record of closed months."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._change = redis.register_script(CHANGE)

    async def since(self, today: dt.date) -> dt.date:
        """The day this was first called, `today` if that is now."""
        await self._redis.set(SINCE, str(today), nx=True)
        stored = cast("bytes", await self._redis.get(SINCE))
        return dt.date.fromisoformat(stored.decode())

    async def state(self, month: Month) -> MonthState | None:
        """Where `month` stands; None if it was never closed.

        Raises:
            ConflictError: what is stored is no state.
        """
        stored: Any = await self._redis.hget(STATE, str(month))
        return _parsed_state(str(month), stored) if stored else None

    async def closed_state(self, month: Month) -> MonthState:
        """Where `month` stands.

        Raises:
            NotFoundError: it was never closed.
        """
        state = await self.state(month)
        if state is None:
            raise NotFoundError(f"{month} was never closed: `pulse5299 close {month}` does it")
        return state

    async def states(self) -> list[MonthState]:
        """Every month that was ever closed, in order; raises as `state`."""
        stored: Any = await self._redis.hgetall(STATE)
        return [_parsed_state(month.decode(), state) for month, state in sorted(stored.items())]

    async def closed(self, month: Month, revision: int | None = None) -> ClosedMonth:
        """A revision of the month's snapshot, the last one by default.

        Raises:
            NotFoundError: the month was never closed, or has no such revision.
            ConflictError: what is stored under the digest is no snapshot.
        """
        state = await self.closed_state(month)
        number = state.revision if revision is None else revision
        if number > state.revision:
            raise NotFoundError(f"{month} has no revision {number}: its last is {state.revision}")
        taken = state.taken[number]
        try:
            snapshot = Snapshot.model_validate_json(await self.snapshot(taken.digest) or b"")
        except ValidationError as error:
            raise ConflictError(
                f"the snapshot of {month}, revision {number}, is damaged: bring {taken.digest} back from a backup"
            ) from error
        return ClosedMonth(snapshot=snapshot, closed_at=taken.closed_at, by=taken.by, digest=taken.digest)

    async def snapshot(self, digest: str) -> bytes | None:
        """The JSON stored under `digest`, as it is now."""
        stored: Any = await self._redis.get(_snapshot_key(digest))
        return cast("bytes | None", stored)

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
        stored: Any = await self._redis.xrange(AUDIT)
        return [AuditEntry.model_validate_json(fields[b"entry"]) for _, fields in stored]

    async def audited_digest(self, month: Month, revision: int) -> str:
        """The digest of the revision's last close in the audit trail; empty without one."""
        closes = [
            entry.digest
            for entry in await self.audit()
            if (entry.what, entry.month, entry.revision) == ("close", str(month), revision)
        ]
        return closes[-1] if closes else ""


def _parsed_state(month: str, stored: bytes) -> MonthState:
    try:
        return MonthState.model_validate_json(stored)
    except ValidationError as error:
        raise ConflictError(f"the state of {month} is damaged: bring {STATE} back from a backup") from error


def _snapshot_key(digest: str) -> str:
    return f"{{months}}:snapshot:{digest}"

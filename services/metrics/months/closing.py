"""Closes and reopens months, and compares them with what the log says since."""

import datetime as dt
from typing import Literal

from pydantic import ValidationError

from services.metrics.months.repository import Months
from services.metrics.months.restatement import changed_cells, changed_verdicts
from services.notifier.metrics_source import Figures
from shared.contracts.metrics import Counts
from shared.contracts.months import (
    AuditEntry,
    Closed,
    MonthState,
    Restatement,
    Taken,
    Verification,
    digest_of,
)
from shared.domain.catalogue import Catalogue
from shared.domain.clock import Clock, local_day
from shared.domain.figures import Measures
from shared.domain.months import Cutoff, MonthError, as_of, months_ended, status_on
from shared.domain.snapshot import Snapshot, Status, snapshot_from_measures

SCHEDULE = "schedule"


class ConflictError(RuntimeError):
    """What was asked for does not fit where the month stands; the message says what does."""


class Closing:
    """Everything that happens to a month."""

    def __init__(
        self, figures: Figures, months: Months, catalogue: Catalogue, cutoff: Cutoff, grace_days: int, clock: Clock
    ) -> None:
        self._figures = figures
        self._months = months
        self._catalogue = catalogue
        self._cutoff = cutoff
        self._grace_days = grace_days
        self._clock = clock

    async def close(self, month: str, by: str) -> Closed:
        """Take the month's snapshot: provisional within the days of grace, final afterwards.

        Raises:
            MonthError: no month, or not over. ConflictError: it is final already, or somebody else was faster.
            MetricsUnavailableError: metrics does not answer, or has not counted everything yet.
        """
        status = status_on(self._today(), month, self._cutoff, self._grace_days)
        state = await self._months.state(month)
        if state is not None and state.status == "final":
            raise ConflictError(f"{month} is closed: reopen it with a reason to close it again")
        await self._figures.caught_up()
        revision = 0 if state is None else state.revision + (state.status == "reopened")
        day = as_of(month, self._cutoff)
        snapshot = self._snapshot(await self._figures.counts(day), day, revision, status)
        content = snapshot.model_dump_json().encode()
        taken = Taken(digest=digest_of(content), closed_at=self._clock(), by=by)
        earlier = state.taken[:revision] if state else ()
        after = MonthState(month=month, revision=revision, status=status, taken=(*earlier, taken))
        await self._change(state, after, by, "close", snapshot=content)
        return Closed(snapshot=snapshot, closed_at=taken.closed_at, by=by, digest=taken.digest)

    async def reopen(self, month: str, by: str, reason: str) -> MonthState:
        """Let a closed month be closed anew, as the next revision; its snapshot stays.

        Raises:
            ConflictError: it is not closed. MonthError: no reason is given.
        """
        if not reason.strip():
            raise MonthError("a month is reopened for a reason: say it")
        state = await self._state(month)
        if state.status == "reopened":
            raise ConflictError(f"{month} is open already")
        after = state.model_copy(update={"status": "reopened"})
        await self._change(state, after, by, "reopen", reason=reason.strip())
        return after

    async def on_schedule(self) -> Closed | None:
        """Close the first month that is due: provisionally once it is over, for good after the days of grace.

        Months that ended before the schedule began are closed by hand, and so are those that were reopened.
        """
        today = self._today()
        since = await self._months.since(today)
        states = {state.month: state.status for state in await self._months.states()}
        for month in months_ended(since, today, self._cutoff):
            status = status_on(today, month, self._cutoff, self._grace_days)
            if month not in states or (states[month], status) == ("provisional", "final"):
                return await self.close(month, SCHEDULE)
        return None

    async def closed(self, month: str, revision: int | None = None) -> Closed:
        """The month's snapshot, its last one by default.

        Raises:
            ConflictError: there is none.
        """
        state = await self._state(month)
        number = state.revision if revision is None else revision
        if number > state.revision:
            raise ConflictError(f"{month} has no revision {number}: its last is {state.revision}")
        taken = state.taken[number]
        try:
            snapshot = Snapshot.model_validate_json(await self._months.snapshot(taken.digest) or b"")
        except ValidationError as error:
            raise ConflictError(
                f"the snapshot of {month}, revision {number}, is damaged: bring {taken.digest} back from a backup"
            ) from error
        return Closed(snapshot=snapshot, closed_at=taken.closed_at, by=taken.by, digest=taken.digest)

    async def restatement(self, month: str) -> Restatement:
        """What events that came after the snapshot change about it."""
        snapshot = (await self.closed(month)).snapshot
        await self._figures.caught_up()
        counts = await self._figures.counts(snapshot.as_of)
        now = self._snapshot(counts, snapshot.as_of, snapshot.revision, snapshot.status)
        events, complete = await self._figures.late(snapshot.as_of, snapshot.positions)
        return Restatement(
            month=month,
            revision=snapshot.revision,
            cells=changed_cells(snapshot, now),
            verdicts=list(changed_verdicts(snapshot, now)),
            events=events,
            complete=complete,
        )

    async def verification(self, month: str) -> Verification:
        """The snapshot beside a recount of the log up to the positions it knew, and beside the audit trail."""
        closed = await self.closed(month)
        snapshot = closed.snapshot
        counts = await self._figures.recount(snapshot.as_of, snapshot.positions)
        recounted = self._snapshot(counts, snapshot.as_of, snapshot.revision, snapshot.status)
        content = await self._months.snapshot(closed.digest) or b""
        return Verification(
            month=month,
            revision=snapshot.revision,
            digest_holds=digest_of(content) == closed.digest == await self._audited(month, snapshot.revision),
            cells=changed_cells(snapshot, recounted),
        )

    async def _audited(self, month: str, revision: int) -> str:
        """The digest of the revision's last close in the audit trail."""
        digests = [
            entry.digest
            for entry in await self._months.audit()
            if (entry.what, entry.month, entry.revision) == ("close", month, revision)
        ]
        return digests[-1] if digests else ""

    async def _state(self, month: str) -> MonthState:
        as_of(month, self._cutoff)
        state = await self._months.state(month)
        if state is None:
            raise ConflictError(f"{month} was never closed: `pulse5299 close {month}` does it")
        return state

    async def _change(
        self,
        before: MonthState | None,
        after: MonthState,
        by: str,
        what: Literal["close", "reopen"],
        reason: str = "",
        snapshot: bytes = b"",
    ) -> None:
        entry = AuditEntry(
            at=self._clock(),
            who=by,
            what=what,
            month=after.month,
            revision=after.revision,
            status=after.status,
            reason=reason,
            digest=after.taken[-1].digest,
        )
        if not await self._months.change(before, after, entry, snapshot):
            raise ConflictError(f"{after.month} was changed by somebody else meanwhile: look, and try again")

    def _snapshot(self, counts: Counts, day: dt.date, revision: int, status: Status) -> Snapshot:
        columns: tuple[Measures, Measures, Measures] = (
            {(row.measure, row.unit): row.now for row in counts.rows},
            {(row.measure, row.unit): row.previous for row in counts.rows},
            {(row.measure, row.unit): row.before for row in counts.rows},
        )
        positions = dict(sorted(counts.positions.items()))
        return snapshot_from_measures(
            self._catalogue, day, columns, status=status, revision=revision, positions=positions
        )

    def _today(self) -> dt.date:
        return local_day(self._clock())

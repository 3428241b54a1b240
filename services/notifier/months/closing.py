"""Closes and reopens months, and compares them with what the log says since."""

import datetime as dt
from typing import Literal

from services.notifier.figures import Figures
from services.notifier.months.periods import Cutoff, MonthError, as_of, last_month, status_on
from services.notifier.months.records import (
    AuditEntry,
    Closed,
    MonthState,
    Restatement,
    Verification,
    digest_of,
)
from services.notifier.months.restating import changed_cells, changed_verdicts
from services.notifier.months.store import Months
from services.notifier.notice.snapshot import Snapshot, snapshot_from_measures
from shared.catalogue import Catalogue
from shared.clock import Clock, local_day
from shared.figures import Measures
from shared.progress import Counts

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
        """
        status = status_on(self._today(), month, self._cutoff, self._grace_days)
        state = await self._months.state(month)
        if state is not None and state.status == "final":
            raise ConflictError(f"{month} is closed: reopen it with a reason to close it again")
        revision = 0 if state is None else state.revision + (state.status == "reopened")
        day = as_of(month, self._cutoff)
        snapshot = self._snapshot(await self._figures.counts(day), day, revision).model_copy(update={"status": status})
        closed = Closed(snapshot=snapshot, closed_at=self._clock(), by=by, digest=digest_of(snapshot))
        after = MonthState(month=month, revision=revision, status=status)
        await self._change(state, after, by, "close", closed=closed)
        return closed

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
        """Close the last month that is over if it is time: first provisionally, then for good."""
        month = last_month(self._today(), self._cutoff)
        state = await self._months.state(month)
        status = status_on(self._today(), month, self._cutoff, self._grace_days)
        if state is None or (state.status, status) == ("provisional", "final"):
            return await self.close(month, SCHEDULE)
        return None

    async def closed(self, month: str, revision: int | None = None) -> Closed:
        """The month's snapshot, its last one by default.

        Raises:
            ConflictError: there is none.
        """
        number = (await self._state(month)).revision if revision is None else revision
        found = await self._months.closed(month, number)
        if found is None:
            raise ConflictError(f"{month} has no revision {number}")
        return found

    async def restatement(self, month: str) -> Restatement:
        """What events that came after the snapshot change about it."""
        snapshot = (await self.closed(month)).snapshot
        now = self._snapshot(await self._figures.counts(snapshot.as_of), snapshot.as_of, snapshot.revision)
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
        """The snapshot beside a recount of the log up to the positions it knew."""
        closed = await self.closed(month)
        snapshot = closed.snapshot
        counts = await self._figures.recount(snapshot.as_of, snapshot.positions)
        recounted = self._snapshot(counts, snapshot.as_of, snapshot.revision)
        return Verification(
            month=month,
            revision=snapshot.revision,
            digest_holds=digest_of(snapshot) == closed.digest,
            cells=changed_cells(snapshot, recounted),
        )

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
        closed: Closed | None = None,
    ) -> None:
        entry = AuditEntry(
            at=self._clock(),
            who=by,
            what=what,
            month=after.month,
            revision=after.revision,
            status=after.status,
            reason=reason,
            digest=closed.digest if closed else "",
        )
        if not await self._months.change(before, after, entry, closed):
            raise ConflictError(f"{after.month} was changed by somebody else meanwhile: look, and try again")

    def _snapshot(self, counts: Counts, day: dt.date, revision: int) -> Snapshot:
        columns: tuple[Measures, Measures, Measures] = (
            {(row.measure, row.unit): row.now for row in counts.rows},
            {(row.measure, row.unit): row.previous for row in counts.rows},
            {(row.measure, row.unit): row.before for row in counts.rows},
        )
        return snapshot_from_measures(
            self._catalogue, day, columns, revision=revision, positions=dict(sorted(counts.positions.items()))
        )

    def _today(self) -> dt.date:
        return local_day(self._clock())

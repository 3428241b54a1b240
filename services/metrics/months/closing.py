"""Month closing: closes and reopens months, by hand or on schedule, and compares them with what the log says since."""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from typing import Literal

from services.metrics.calculations import changed_figures, changed_verdicts
from services.metrics.months.repository import MonthRepository
from services.metrics.queries import MonthCounts, Queries
from shared.contracts.months import (
    AuditEntry,
    ClosedMonth,
    MonthState,
    Restatement,
    Revision,
    Verification,
    digest_of,
)
from shared.domain.clock import Clock, local_day
from shared.domain.errors import ConflictError, PulseError
from shared.domain.months import Cutoff, Month, MonthError, Status, as_of, months_ended, status_on
from shared.domain.snapshot import Snapshot, snapshot_from_measures
from shared.runtime.store import REDIS_ERRORS

log = logging.getLogger(__name__)

SCHEDULE = "schedule"
"""Who the audit trail says closed a month that no person closed."""

PAUSE = 4.0
"""Seconds between two looks of the schedule."""


class MonthClosing:
    """Closes, reopens and verifies months; safe in several processes: of racing changes one stands."""

    def __init__(
        self,
        queries: Queries,
        repository: MonthRepository,
        cutoff: Cutoff,
        grace_days: int,
        clock: Clock,
        announce: Callable[[], None],
    ) -> None:
        """`announce` is called after every change of a month."""
        self._queries = queries
        self._repository = repository
        self._cutoff = cutoff
        self._grace_days = grace_days
        self._clock = clock
        self._announce = announce

    async def close(self, month: Month, by: str) -> ClosedMonth:
        """Take the month's snapshot: provisional within the days of grace, final afterwards.

        Raises:
            MonthError: the month is not over.
            ConflictError: it is final already, or another process was faster.
            UnavailableError: not everything in the log is counted.
        """
        status = status_on(self._today(), month, self._cutoff, self._grace_days)
        state = await self._repository.state(month)
        if state is not None and state.status == "final":
            raise ConflictError(f"{month} is closed: reopen it with a reason to close it again")
        await self._queries.wait_until_counted()
        revision = 0 if state is None else state.revision + (state.status == "reopened")
        day = as_of(month, self._cutoff)
        snapshot = self._snapshot(await self._queries.month_counts(day), day, revision, status)
        content = snapshot.model_dump_json().encode()
        taken = Revision(digest=digest_of(content), closed_at=self._clock(), by=by)
        earlier = state.taken[:revision] if state else ()
        after = MonthState(month=str(month), revision=revision, status=status, taken=(*earlier, taken))
        await self._change(state, after, by, "close", snapshot=content)
        return ClosedMonth(snapshot=snapshot, closed_at=taken.closed_at, by=by, digest=taken.digest)

    async def reopen(self, month: Month, by: str, reason: str) -> MonthState:
        """Let a closed month be closed anew, as the next revision; its snapshot stays.

        Raises:
            MonthError: no reason is given.
            NotFoundError: it was never closed.
            ConflictError: it is open already, or another process was faster.
        """
        if not reason.strip():
            raise MonthError("a month is reopened for a reason: say it")
        state = await self._repository.closed_state(month)
        if state.status == "reopened":
            raise ConflictError(f"{month} is open already")
        after = state.model_copy(update={"status": "reopened"})
        await self._change(state, after, by, "reopen", reason=reason.strip())
        return after

    async def close_due(self) -> ClosedMonth | None:
        """Close the first month that is due: provisionally once it is over, for good after the days of grace.

        Months that ended before the schedule began are closed by hand, and so are those that were reopened. Raises
        as `close`.
        """
        today = self._today()
        since = await self._repository.since(today)
        states = {state.month: state.status for state in await self._repository.states()}
        for month in months_ended(since, today, self._cutoff):
            status = status_on(today, month, self._cutoff, self._grace_days)
            if str(month) not in states or (states[str(month)], status) == ("provisional", "final"):
                return await self.close(month, SCHEDULE)
        return None

    async def restatement(self, month: Month) -> Restatement:
        """What events that came after the snapshot change about it.

        Raises:
            NotFoundError, ConflictError: as `MonthRepository.closed`.
            UnavailableError: not everything in the log is counted.
        """
        snapshot = (await self._repository.closed(month)).snapshot
        await self._queries.wait_until_counted()
        counts = await self._queries.month_counts(snapshot.as_of)
        now = self._snapshot(counts, snapshot.as_of, snapshot.revision, snapshot.status)
        events, complete = await self._queries.late_events(snapshot.as_of, snapshot.positions)
        return Restatement(
            month=str(month),
            revision=snapshot.revision,
            cells=changed_figures(snapshot, now),
            verdicts=list(changed_verdicts(snapshot, now)),
            events=events,
            complete=complete,
        )

    async def verification(self, month: Month) -> Verification:
        """The snapshot beside a recount of the log up to the positions it knew, and beside the audit trail.

        Raises:
            NotFoundError, ConflictError: as `MonthRepository.closed`.
        """
        closed = await self._repository.closed(month)
        snapshot = closed.snapshot
        counts = await self._queries.replayed_counts(snapshot.as_of, snapshot.positions)
        recounted = self._snapshot(counts, snapshot.as_of, snapshot.revision, snapshot.status)
        content = await self._repository.snapshot(closed.digest) or b""
        audited = await self._repository.audited_digest(month, snapshot.revision)
        return Verification(
            month=str(month),
            revision=snapshot.revision,
            digest_holds=digest_of(content) == closed.digest == audited,
            cells=changed_figures(snapshot, recounted),
        )

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
        if not await self._repository.change(before, after, entry, snapshot):
            raise ConflictError(f"{after.month} was changed by somebody else meanwhile: look, and try again")
        self._announce()

    def _snapshot(self, counts: MonthCounts, day: dt.date, revision: int, status: Status) -> Snapshot:
        positions = dict(sorted(counts.positions.items()))
        return snapshot_from_measures(
            self._queries.catalogue, day, counts.columns, status=status, revision=revision, positions=positions
        )

    def _today(self) -> dt.date:
        return local_day(self._clock())


class MonthScheduler:
    """Closes every month that is due, in every metrics process; the repository lets one of them succeed."""

    def __init__(self, closing: MonthClosing) -> None:
        self._closing = closing

    async def run(self) -> None:
        """Look every PAUSE seconds, for ever; what cannot be closed now is tried again at the next look."""
        while True:
            try:
                closed = await self._closing.close_due()
            except (PulseError, *REDIS_ERRORS) as error:
                log.warning("could not close a month", extra={"error": str(error)})
            else:
                if closed is not None:
                    log.info("closed", extra={"month": closed.snapshot.month, "status": closed.snapshot.status})
            await asyncio.sleep(PAUSE)

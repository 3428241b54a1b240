"""The snapshots a notice is composed from, read from metrics: a closed month's, or the counters as they are now."""

import datetime as dt
from typing import NamedTuple

from shared.clients.metrics import MetricsClient
from shared.domain.catalogue import Catalogue
from shared.domain.errors import NotFoundError
from shared.domain.figures import Measures
from shared.domain.months import Month, month_before
from shared.domain.snapshot import Snapshot, snapshot_from_measures


class NoticeSnapshots(NamedTuple):
    """A notice's snapshot, and that of the revision it replaces, if it replaces one."""

    snapshot: Snapshot
    earlier: Snapshot | None = None


async def notice_snapshots(
    metrics: MetricsClient, catalogue: Catalogue, as_of: dt.date, *, provisional: bool
) -> NoticeSnapshots:
    """The closed month that ends at `as_of`; the figures as they are now where it was never closed or `provisional`.

    Raises:
        PulseError: as `MetricsClient`.
    """
    closed = None if provisional else await closed_snapshots(metrics, as_of)
    return closed or NoticeSnapshots(await provisional_snapshot(metrics, catalogue, as_of))


async def closed_snapshots(metrics: MetricsClient, as_of: dt.date) -> NoticeSnapshots | None:
    """The snapshots of the month that ends at `as_of`; None where it was never closed, or none ends there."""
    try:
        snapshots = await month_snapshots(metrics, Month.of(as_of - dt.timedelta(days=1)))
    except NotFoundError:
        return None
    return snapshots if snapshots.snapshot.as_of == as_of else None


async def month_snapshots(metrics: MetricsClient, month: Month) -> NoticeSnapshots:
    """The snapshots of a closed month.

    Raises:
        NotFoundError: it was never closed.
    """
    snapshot = (await metrics.closed_month(str(month))).snapshot
    if not snapshot.revision:
        return NoticeSnapshots(snapshot)
    return NoticeSnapshots(snapshot, (await metrics.closed_month(str(month), snapshot.revision - 1)).snapshot)


async def provisional_snapshot(metrics: MetricsClient, catalogue: Catalogue, as_of: dt.date) -> Snapshot:
    """The figures as of `as_of` and of one and two months earlier, as metrics has them now."""
    previous = month_before(as_of)
    now, earlier, earliest = [await _measures(metrics, day) for day in (as_of, previous, month_before(previous))]
    return snapshot_from_measures(catalogue, as_of, (now, earlier, earliest))


async def _measures(metrics: MetricsClient, day: dt.date) -> Measures:
    return {(row.measure, row.unit): row.value for row in (await metrics.measures(day)).rows}

"""Counter projection: the counters of all partitions in memory, for reading; follows commits, reloads what it missed.

Truth is in the stores. The projection knows the version it has of each; before an answer they are compared with the
stores', so that no answer is older than the question.
"""

import asyncio
import datetime as dt
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from services.metrics.counting import CounterKey, Deltas
from services.metrics.partition_store import START, Checkpoint, PartitionStore, Version
from shared.domain.clock import day_of


class Series:
    """Changes by day number; sums are kept until the next change."""

    __slots__ = ("_changes", "_days", "_sums")

    def __init__(self) -> None:
        self._changes: dict[int, int] = {}
        self._days: list[int] | None = None
        self._sums: list[int] = []

    def add(self, day: int, change: int) -> None:
        self._changes[day] = self._changes.get(day, 0) + change
        self._days = None

    @property
    def last(self) -> int | None:
        """The latest day with a change; None without any."""
        return max((day for day, change in self._changes.items() if change), default=None)

    def on(self, day: int) -> int:
        """The change on one day."""
        return self._changes.get(day, 0)

    def before(self, day: int) -> int:
        """The sum of all changes on days before `day`: the state at its first moment."""
        if self._days is None:
            self._days = sorted(self._changes)
            self._sums = [0, *accumulate(self._changes[known] for known in self._days)]
        return self._sums[bisect_left(self._days, day)]


NOTHING = Series()


class Changes(NamedTuple):
    """Counters and day numbers that changed; not `complete` after a reload, which may have changed any."""

    counts: set[tuple[CounterKey, int]]
    complete: bool


class CounterProjection:
    """The counters of all stores, summed: counter -> series by day."""

    def __init__(
        self, stores: Sequence[PartitionStore], read_versions: Callable[[], Awaitable[Sequence[Version]]]
    ) -> None:
        """`read_versions`: the present version of every store, in the order of `stores`."""
        self._stores = stores
        self._read_versions = read_versions
        self._versions: dict[str, Version | None] = {store.key: None for store in stores}
        self._counts: dict[str, dict[CounterKey, dict[int, int]]] = {store.key: {} for store in stores}
        self._series: dict[CounterKey, Series] = {}
        self._refreshing = asyncio.Lock()
        self._changes = Changes(set(), True)

    @property
    def series(self) -> Mapping[CounterKey, Series]:
        """Every counter that ever counted anything, as of the last refresh or commit."""
        return self._series

    @property
    def counted(self) -> dict[str, str]:
        """The last entry of every log that the series count, as of the last refresh or commit."""
        return {log: version.entry_id if version else START for log, version in self._versions.items()}

    @property
    def last_day(self) -> dt.date | None:
        """The latest day with a change, None without any."""
        last = max((series.last for series in self._series.values() if series.last is not None), default=None)
        return None if last is None else day_of(last)

    async def positions(self) -> tuple[dict[str, str], int]:
        """The last entry counted of every log, and how many entries wait behind them all."""
        positions: dict[str, str] = {}
        waiting = 0
        for store in self._stores:
            behind, positions[store.key] = await store.progress()
            waiting += behind
        return positions, waiting

    def committed(self, store: PartitionStore, seen: Checkpoint, entry_id: str, deltas: Deltas) -> None:
        """Follow a commit of this process; forget the version where the projection was not at `seen`."""
        self._changes.counts.update(changed for changed, change in deltas.items() if change)
        version = self._versions[store.key]
        if version is not None and version.entry_id == entry_id:
            return
        if version is None or version.entry_id != seen.entry_id:
            self._versions[store.key] = None
            return
        counts = self._counts[store.key]
        for (key, day), change in deltas.items():
            days = counts.setdefault(key, {})
            days[day] = days.get(day, 0) + change
            self._series.setdefault(key, Series()).add(day, change)
        self._versions[store.key] = version._replace(entry_id=entry_id)

    def take_changes(self) -> Changes:
        """What changed since the last call."""
        changes, self._changes = self._changes, Changes(set(), True)
        return changes

    async def refresh(self) -> None:
        """Catch up with the stores; one at a time, or an earlier load could replace a later one."""
        async with self._refreshing:
            versions = await self._read_versions()
            for store, version in zip(self._stores, versions, strict=True):
                if self._versions[store.key] != version:
                    await self._reload(store)

    async def _reload(self, store: PartitionStore) -> None:
        version, counts = await store.load()
        if counts != self._counts[store.key]:
            self._changes = Changes(self._changes.counts, False)
        for key, days in self._counts[store.key].items():
            for day, count in days.items():
                self._series[key].add(day, -count)
        for key, days in counts.items():
            series = self._series.setdefault(key, Series())
            for day, count in days.items():
                series.add(day, count)
        self._counts[store.key] = counts
        self._versions[store.key] = version

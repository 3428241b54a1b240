"""The counts in memory, merged over partitions, for reading: it follows every commit, and reloads where it lost track.

Truth is in Redis. Each part of the view knows the cursor it stands at; before an answer the cursors are compared
with Redis, so that no answer is older than the question.
"""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from redis.asyncio import Redis

from services.metrics.counting import Deltas
from services.metrics.day_series import Series
from services.metrics.partition_store import START, Position, RedisPartitionStore, Version, version_of
from shared.domain.clock import day_of

Counts = dict[str, dict[int, int]]


class Changes(NamedTuple):
    """Counters and day numbers that changed; not `complete` after a reload, which may have changed any."""

    counts: set[tuple[str, int]]
    complete: bool


class CounterProjection:
    """Counts of all ledgers, summed: cell (`role|measure|unit`) -> series by day."""

    def __init__(self, redis: Redis, ledgers: Sequence[RedisPartitionStore]) -> None:
        self._redis = redis
        self._ledgers = ledgers
        self._versions: dict[str, Version | None] = {ledger.counts_key: None for ledger in ledgers}
        self._parts: dict[str, Counts] = {ledger.counts_key: {} for ledger in ledgers}
        self._series: dict[str, Series] = {}
        self._refreshing = asyncio.Lock()
        self._changes = Changes(set(), True)
        self.revision = 0

    @property
    def series(self) -> Mapping[str, Series]:
        """Every cell that ever counted anything, as of the last refresh or commit."""
        return self._series

    @property
    def counted(self) -> dict[str, str]:
        """The cursor of every log that the series stand at, as of the last refresh or commit."""
        return {ledger.key: (self._versions[ledger.counts_key] or START).partition("/")[0] for ledger in self._ledgers}

    @property
    def last_day(self) -> dt.date | None:
        """The latest day with a change, None without any."""
        last = max((series.last for series in self._series.values() if series.last is not None), default=None)
        return None if last is None else day_of(last)

    async def positions(self) -> tuple[dict[str, str], int]:
        """The cursor of every log, and how many entries wait behind them all."""
        positions: dict[str, str] = {}
        waiting = 0
        for ledger in self._ledgers:
            behind, positions[ledger.key] = await ledger.progress()
            waiting += behind
        return positions, waiting

    def committed(self, ledger: RedisPartitionStore, found: Position, cursor: str, deltas: Deltas) -> None:
        """Follow a commit of this process; forget the version where the projection was not at `found`."""
        self._changes.counts.update(changed for changed, change in deltas.items() if change)
        key = ledger.counts_key
        at, _, generation = (self._versions[key] or "").partition("/")
        if at == cursor:
            return
        if at != found.cursor:
            self._versions[key] = None
            return
        part = self._parts[key]
        for (cell, day), change in deltas.items():
            days = part.setdefault(cell, {})
            days[day] = days.get(day, 0) + change
            self._series.setdefault(cell, Series()).add(day, change)
        self.revision += any(deltas.values())
        self._versions[key] = f"{cursor}/{generation}"

    def take_changes(self) -> Changes:
        """What changed since the last call."""
        changes, self._changes = self._changes, Changes(set(), True)
        return changes

    async def refresh(self) -> None:
        """Bring the view up to what Redis holds now; one at a time, or an earlier load could replace a later one."""
        async with self._refreshing:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for ledger in self._ledgers:
                    pipeline.hmget(ledger.counts_key, "cursor", "generation")
                heads = await pipeline.execute()
            for ledger, head in zip(self._ledgers, heads, strict=True):
                if self._versions[ledger.counts_key] != version_of(*head):
                    await self._reload(ledger)

    async def _reload(self, ledger: RedisPartitionStore) -> None:
        _, version, counts = await ledger.load()
        key = ledger.counts_key
        if counts != self._parts[key]:
            self._changes = Changes(self._changes.counts, False)
            self.revision += 1
        for cell, days in self._parts[key].items():
            for day, count in days.items():
                self._series[cell].add(day, -count)
        for cell, days in counts.items():
            series = self._series.setdefault(cell, Series())
            for day, count in days.items():
                series.add(day, count)
        self._parts[key] = counts
        self._versions[key] = version

"""Daily counts of every unit and target. Pure; arrays over days."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.contracts.metrics import History as MetricsHistory
from shared.domain.clock import ONE_DAY

Pair = tuple[str, int]
"""A unit's code and a target's number."""


class Row(NamedTuple):
    """What one unit did for one target on one day; a target that is no ratio has no denominator.

    For a ratio of flows both are what came in that day; for a ratio of stocks, what was added that day.
    """

    day: dt.date
    unit: str
    target: int
    numerator: int
    denominator: int = 0


class DailyCounts:
    """Counts per day over a stretch of days, summed over any window in constant time. Days are ordinals."""

    def __init__(self, first: int, counts: Sequence[int] | NDArray[np.int64], opening: int = 0) -> None:
        self.first = first
        self.counts: NDArray[np.int64] = np.asarray(counts, dtype=np.int64)
        self.opening = opening
        self._sums: list[int] = [0, *np.cumsum(self.counts).tolist()]  # a list answers one sum faster than an array

    def total(self, since: int, until: int) -> int:
        """The count from `since` to `until`, both included; days outside the stretch count nothing."""
        length = len(self._sums) - 1
        start, end = since - self.first, until - self.first + 1
        if start < 0 or end > length or end < start:
            start = min(max(start, 0), length)
            end = min(max(end, start), length)
        return self._sums[end] - self._sums[start]

    def count(self, since: int, until: int) -> int:
        """The total, but never below zero: corrections can outweigh what was done."""
        return max(0, self.total(since, until))

    @cached_property
    def first_event(self) -> int:
        """The first day with anything; the day after the last where there is none."""
        some = np.flatnonzero(self.counts)
        return self.first + int(some[0] if some.size else len(self.counts))

    def daily(self, start: int) -> NDArray[np.float64]:
        """The counts of the days from `start` on, none below zero."""
        return np.maximum(self.counts[max(0, start - self.first) :], 0).astype(float)

    def stock(self, until: int) -> int:
        """All there is at the end of day `until`: the opening balance and everything since."""
        return self.opening + self.total(self.first, until)


class DetectorHistory:
    """All daily counts, over the same stretch of days `first` to `last` (both included).

    `counts` has every pair; `denominators` those of the pairs that have any.
    """

    def __init__(
        self,
        first: dt.date,
        last: dt.date,
        counts: dict[Pair, DailyCounts],
        denominators: dict[Pair, DailyCounts],
    ) -> None:
        self.first = first
        self.last = last
        self.counts = counts
        self.denominators = denominators
        self.units = list(dict.fromkeys(unit for unit, _ in counts))
        self.targets = sorted({target for _, target in counts})

    def made_up(self, makeup: Mapping[str, Sequence[str]]) -> "DetectorHistory":
        """The history of the units of `makeup`, each the sum of the units listed; itself where nothing differs.

        A unit is listed once at most; what is listed nowhere is left out.
        """
        if dict(makeup) == {unit: (unit,) for unit in self.units}:
            return self
        counts, denominators = _made_up(self.counts, makeup), _made_up(self.denominators, makeup)
        return DetectorHistory(self.first, self.last, counts, denominators)

    def unit_totals(self) -> dict[str, NDArray[np.int64]]:
        """Unit -> the events of every day, of all its targets; never below zero, for corrections can outweigh them."""
        totals: dict[str, NDArray[np.int64]] = {}
        for series in (self.counts, self.denominators):
            for (unit, _), counts in series.items():
                totals[unit] = totals.get(unit, np.zeros_like(counts.counts)) + counts.counts
        return {unit: np.maximum(counts, 0) for unit, counts in totals.items()}

    @classmethod
    def from_response(cls, response: MetricsHistory) -> "DetectorHistory":
        """The history that metrics answers."""
        first = response.since.toordinal()
        counts: dict[Pair, DailyCounts] = {}
        denominators: dict[Pair, DailyCounts] = {}
        for row in response.series:
            counts[row.unit, row.target] = DailyCounts(first, row.counts, row.opening)
            if row.counts_of is not None and any(row.counts_of):
                denominators[row.unit, row.target] = DailyCounts(first, row.counts_of, row.opening_of or 0)
        return cls(response.since, response.until, counts, denominators)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Row],
        opening: Mapping[Pair, int] | None = None,
        opening_of: Mapping[Pair, int] | None = None,
    ) -> "DetectorHistory":
        """Gather rows in any order; days without a row count nothing, rows of one day add up.

        `opening` and `opening_of` hold what each pair had before the first day.

        Raises:
            ValueError: there is no row at all.
        """
        rows = sorted(rows)
        if not rows:
            raise ValueError("the history is empty: give at least one row of daily figures")
        first, last = rows[0].day, rows[-1].day
        pairs = {pair: number for number, pair in enumerate(sorted({(row.unit, row.target) for row in rows}))}
        numerators = np.zeros((len(pairs), (last - first).days + 1), dtype=np.int64)
        denominators = np.zeros_like(numerators)
        at = [pairs[row.unit, row.target] for row in rows], [(row.day - first).days for row in rows]
        np.add.at(numerators, at, [row.numerator for row in rows])
        np.add.at(denominators, at, [row.denominator for row in rows])
        return cls.from_arrays(first, pairs, numerators, denominators, opening or {}, opening_of or {})

    @classmethod
    def from_arrays(
        cls,
        first: dt.date,
        pairs: Mapping[Pair, int],
        numerators: NDArray[np.int64],
        denominators: NDArray[np.int64],
        opening: Mapping[Pair, int] = MappingProxyType({}),
        opening_of: Mapping[Pair, int] = MappingProxyType({}),
    ) -> "DetectorHistory":
        """The history of arrays over pairs and days from `first` on; `pairs` says which row is whose."""
        start = first.toordinal()
        return cls(
            first,
            first + (numerators.shape[1] - 1) * ONE_DAY,
            {pair: DailyCounts(start, numerators[n], opening.get(pair, 0)) for pair, n in pairs.items()},
            {
                pair: DailyCounts(start, denominators[n], opening_of.get(pair, 0))
                for pair, n in pairs.items()
                if denominators[n].any()
            },
        )


def _made_up(series: Mapping[Pair, DailyCounts], makeup: Mapping[str, Sequence[str]]) -> dict[Pair, DailyCounts]:
    whole = {part: unit for unit, parts in makeup.items() for part in parts}
    parts_of: dict[Pair, list[DailyCounts]] = {}
    for (unit, target), counts in series.items():
        if unit in whole:
            parts_of.setdefault((whole[unit], target), []).append(counts)
    return {pair: parts[0] if len(parts) == 1 else sum_counts(parts) for pair, parts in parts_of.items()}


def sum_counts(parts: Sequence[DailyCounts]) -> DailyCounts:
    """The sums of series over the same days."""
    counts = np.sum([part.counts for part in parts], axis=0)
    return DailyCounts(parts[0].first, counts, sum(part.opening for part in parts))

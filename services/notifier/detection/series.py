"""Daily figures of every unit and target, as the detector reads them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from shared.contracts.metrics import History as HistoryResponse

Pair = tuple[str, int]
"""A unit's code and a target's number."""


class Row(NamedTuple):
    """What one unit did for one target on one day; `of` is the denominator's part, for ratio targets.

    For a ratio of flows both are what came in that day; for a ratio of stocks, what was added that day.
    """

    day: dt.date
    unit: str
    target: int
    done: int
    of: int = 0


class Series:
    """Counts per day over a stretch of days, summed over any window in constant time. Days are ordinals."""

    def __init__(self, first: int, counts: list[int], opening: int = 0) -> None:
        self.first = first
        self.counts = counts
        self.opening = opening
        self._sums = [0, *accumulate(counts)]

    def total(self, since: int, until: int) -> int:
        """The count from `since` to `until`, both included; days outside the stretch count nothing."""
        start, end = since - self.first, until - self.first + 1
        if start < 0 or end > len(self.counts) or end < start:
            start = min(max(start, 0), len(self.counts))
            end = min(max(end, start), len(self.counts))
        return self._sums[end] - self._sums[start]

    def done(self, since: int, until: int) -> int:
        """The total, but never below zero: corrections can outweigh what was done."""
        return max(0, self.total(since, until))

    def stock(self, until: int) -> int:
        """All there is at the end of day `until`: the opening balance and everything since."""
        return self.opening + self.total(self.first, until)


class History:
    """All series, over the same stretch of days `first` to `last` (both included).

    `counts` has every pair; `of` the denominators of the pairs that have any.
    """

    def __init__(self, first: dt.date, last: dt.date, counts: dict[Pair, Series], of: dict[Pair, Series]) -> None:
        self.first = first
        self.last = last
        self.counts = counts
        self.of = of
        self.units = list(dict.fromkeys(unit for unit, _ in counts))
        self.targets = sorted({target for _, target in counts})

    def made_up(self, makeup: Mapping[str, Sequence[str]]) -> "History":
        """The history of the units of `makeup`, each the sum of the units listed; itself where nothing differs.

        A unit is listed once at most; what is listed nowhere is left out.
        """
        if dict(makeup) == {unit: (unit,) for unit in self.units}:
            return self
        return History(self.first, self.last, _made_up(self.counts, makeup), _made_up(self.of, makeup))

    @classmethod
    def from_response(cls, response: HistoryResponse) -> "History":
        """The history that metrics answers."""
        first = response.since.toordinal()
        counts: dict[Pair, Series] = {}
        denominators: dict[Pair, Series] = {}
        for row in response.series:
            counts[row.unit, row.target] = Series(first, row.counts, row.opening)
            if row.counts_of is not None and any(row.counts_of):
                denominators[row.unit, row.target] = Series(first, row.counts_of, row.opening_of or 0)
        return cls(response.since, response.until, counts, denominators)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Row],
        opening: Mapping[Pair, int] | None = None,
        opening_of: Mapping[Pair, int] | None = None,
    ) -> "History":
        """Gather rows in any order; days without a row count nothing, rows of one day add up.

        `opening` and `opening_of` hold what each pair had before the first day.

        Raises:
            ValueError: there is no row at all.
        """
        rows = sorted(rows)
        if not rows:
            raise ValueError("the history is empty: give at least one row of daily figures")
        first, last = rows[0].day, rows[-1].day
        length = (last - first).days + 1
        counts: dict[Pair, list[int]] = {}
        of: dict[Pair, list[int]] = {}
        for pair in sorted({(row.unit, row.target) for row in rows}):
            counts[pair], of[pair] = [0] * length, [0] * length
        for row in rows:
            at = (row.day - first).days
            counts[row.unit, row.target][at] += row.done
            of[row.unit, row.target][at] += row.of
        return cls(
            first,
            last,
            {p: Series(first.toordinal(), c, (opening or {}).get(p, 0)) for p, c in counts.items()},
            {p: Series(first.toordinal(), c, (opening_of or {}).get(p, 0)) for p, c in of.items() if any(c)},
        )


def _made_up(series: Mapping[Pair, Series], makeup: Mapping[str, Sequence[str]]) -> dict[Pair, Series]:
    whole = {part: unit for unit, parts in makeup.items() for part in parts}
    found: dict[Pair, list[Series]] = {}
    for (unit, target), one in series.items():
        if unit in whole:
            found.setdefault((whole[unit], target), []).append(one)
    return {pair: parts[0] if len(parts) == 1 else _sum(parts) for pair, parts in found.items()}


def _sum(series: list[Series]) -> Series:
    counts = [sum(day) for day in zip(*(one.counts for one in series), strict=True)]
    return Series(series[0].first, counts, sum(one.opening for one in series))

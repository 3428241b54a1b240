"""Comparison with the previous month at the same working-day pace, and the factor common to the province. Pure.

Days are ordinals; spans include both ends.
"""

import math
from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

from services.notifier.detection.pace import Pace
from services.notifier.detection.series import DailyCounts
from shared.contracts.flags import Direction

LEAST_FACTOR = 0.05


class MonthStarts(NamedTuple):
    """First days (ordinals) of the month of the run and of the two months before."""

    start: int
    previous: int
    before_previous: int


class Spans(NamedTuple):
    """The days looked at and the days whose pace is expected of them."""

    since: int
    until: int
    previous_since: int
    previous_until: int


class Measurement(NamedTuple):
    """One unit between two spans: the count, that of the previous span, and what its pace expects, without the
    province's factor.

    For a ratio of flows these are numerators, expected at the previous rate of the denominators that came in.
    """

    observed: int
    expected: float
    previous: int
    denominator: int | None = None
    previous_denominator: int | None = None


class PaceComparison(NamedTuple):
    """One unit between two spans: counts, or rates. `own_expected` is the unit's own previous pace.

    `arrived`: the share of the later span that has come by now, as the unit reports; it is in `own_expected`.
    """

    spans: Spans
    observed: float
    own_expected: float
    previous: float
    factor: float
    observed_of: int | None = None
    previous_of: int | None = None
    arrived: float = 1.0

    @property
    def expected(self) -> float:
        """The unit's own previous pace with the province's factor."""
        return self.own_expected * self.factor

    @property
    def ratio(self) -> float:
        """Infinite from zero; 1 where nothing was expected and nothing came."""
        if self.expected:
            return self.observed / self.expected
        return math.inf if self.observed else 1.0

    def contradicts(self, direction: Direction, *, whole: bool) -> bool:
        """Whether the unit did not move this way against itself; of two `whole` months the counts compare too."""
        expected = self.own_expected if direction == "lag" else self.own_expected / self.arrived
        return moved_otherwise(direction, self.observed, expected, self.previous if whole else None)

    def passes(self, direction: Direction, at_most: float, at_least: float) -> bool:
        """Whether the comparison is far enough from 1 to matter; a surge is one without what has yet to come."""
        return self.ratio <= at_most if direction == "lag" else self.ratio * self.arrived >= at_least


def moved_otherwise(direction: Direction, now: float, expected: float, previous: float | None) -> bool:
    """Whether `now` is not behind (a lag) or ahead (a surge) of what was `expected`, or of the `previous` count.

    `previous` is None where the days before are not as long.
    """
    bounds = [expected] if previous is None else [expected, previous]
    return now >= min(bounds) if direction == "lag" else now <= max(bounds)


class ObservedExpected(NamedTuple):
    """What one unit did and what was expected of it, in the same unit of count."""

    observed: float
    expected: float


def month_spans(day: int, month_start: int, previous_start: int, first: int, pace: Pace, least: float) -> Spans | None:
    """The days from `month_start` to before `day` against those from `previous_start` on; None where either side has
    less than `least` effective days.
    """
    spans = Spans(month_start, day - 1, max(first, previous_start), month_start - 1)
    enough = (
        pace.effective(spans.since, spans.until) >= least
        and pace.effective(spans.previous_since, spans.previous_until) >= least
    )
    return spans if enough else None


def window_spans(since: int, until: int, previous_days: int, first: int) -> Spans:
    """A window against the days before it, none before `first`."""
    return Spans(since, until, max(first, since - previous_days), since - 1)


def measure_count(series: DailyCounts, pace: Pace, spans: Spans) -> Measurement | None:
    """Counts; None where the previous span had no effective day."""
    before = pace.effective(spans.previous_since, spans.previous_until)
    if not before:
        return None
    share = pace.effective(spans.since, spans.until) / before
    previous = series.count(spans.previous_since, spans.previous_until)
    return Measurement(series.count(spans.since, spans.until), previous * share, previous)


def measure_flow(numerator: DailyCounts, denominator: DailyCounts, spans: Spans) -> Measurement | None:
    """A ratio of flows; None where either denominator is zero."""
    now = denominator.count(spans.since, spans.until)
    previous = denominator.count(spans.previous_since, spans.previous_until)
    if not now or not previous:
        return None
    before = numerator.count(spans.previous_since, spans.previous_until)
    return Measurement(numerator.count(spans.since, spans.until), before / previous * now, before, now, previous)


def province_factor(units: Iterable[ObservedExpected], least: float, least_units: int, change: float) -> float:
    """The median of observed / expected over units with `least` or more expected.

    1 where fewer than `least_units` have as much, or the median is within a factor of `change` of 1.
    """
    ratios = [unit.observed / unit.expected for unit in units if unit.expected >= least]
    if len(ratios) < least_units:
        return 1.0
    factor = max(LEAST_FACTOR, median(ratios))
    return factor if abs(math.log(factor)) > math.log(change) else 1.0

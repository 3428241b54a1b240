"""Comparison with the previous month at the same working-day pace, the province's factor, and where a unit leads. Pure.

Days are ordinals; spans include both ends.
"""

import datetime as dt
import math
from collections.abc import Iterable
from functools import lru_cache
from statistics import median
from typing import NamedTuple

from services.notifier.detection.series import DailyCounts, DetectorHistory, Pace, Pair
from shared.contracts.flags import Direction, RateSplit
from shared.domain.calendar import Calendar, days
from shared.domain.catalogue import Catalogue, Target
from shared.domain.figures import rate_change_parts

LEAST_FACTOR = 0.05


class Spans(NamedTuple):
    """The days looked at and the days whose pace is expected of them."""

    since: int
    until: int
    previous_since: int
    previous_until: int


class Measurement(NamedTuple):
    """One unit between two spans: the count and what the previous pace expects, without the province's
    factor.

    For a ratio of flows these are numerators, expected at the previous rate of the denominators that came in.
    """

    observed: int
    expected: float
    denominator: int | None = None


class PaceComparison(NamedTuple):
    """One unit between two spans, the province's factor taken into `expected`: counts, or rates."""

    spans: Spans
    observed: float
    expected: float
    factor: float

    @property
    def ratio(self) -> float:
        """Infinite from zero; 1 where nothing was expected and nothing came."""
        if self.expected:
            return self.observed / self.expected
        return math.inf if self.observed else 1.0


class ObservedExpected(NamedTuple):
    """What one unit did and what was expected of it, in the same unit of count."""

    observed: float
    expected: float


def month_spans(day: int, month_start: int, previous_start: int, first: int, pace: Pace, least: float) -> Spans | None:
    """Month to date against the previous month; None before `least` effective days on both sides."""
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
    expected = series.count(spans.previous_since, spans.previous_until) * share
    return Measurement(series.count(spans.since, spans.until), expected)


def measure_flow(numerator: DailyCounts, denominator: DailyCounts, spans: Spans) -> Measurement | None:
    """A ratio of flows; None where either denominator is zero."""
    now = denominator.count(spans.since, spans.until)
    previous = denominator.count(spans.previous_since, spans.previous_until)
    if not now or not previous:
        return None
    expected = numerator.count(spans.previous_since, spans.previous_until) / previous * now
    return Measurement(numerator.count(spans.since, spans.until), expected, now)


def passes(ratio: float, direction: Direction, at_most: float, at_least: float) -> bool:
    """Whether observed / expected is far enough from 1 to matter in this direction."""
    return ratio <= at_most if direction == "lag" else ratio >= at_least


def province_factor(units: Iterable[ObservedExpected], least: float, least_units: int, change: float) -> float:
    """The median of observed / expected over units with `least` or more expected.

    1 where fewer than `least_units` have as much, or the median is within a factor of `change` of 1.
    """
    ratios = [unit.observed / unit.expected for unit in units if unit.expected >= least]
    if len(ratios) < least_units:
        return 1.0
    factor = max(LEAST_FACTOR, median(ratios))
    return factor if abs(math.log(factor)) > math.log(change) else 1.0


class Outlook:
    """Answers about one history. Windows are the `length` days before `day`, spans ordinals with both ends."""

    def __init__(self, history: DetectorHistory, catalogue: Catalogue, calendar: Calendar) -> None:
        self._history, self._catalogue, self._calendar = history, catalogue, calendar
        self._left = lru_cache(maxsize=2)(self._weekdays_left)

    def silent(self, unit: str, day: dt.date, length: int) -> bool:
        """Whether the unit sent nothing for any target; False while the history is shorter than that."""
        return all(
            self.unchanged((unit, target), day, length)
            for target in self._history.targets
            if (unit, target) in self._history.counts
        )

    def unchanged(self, pair: Pair, day: dt.date, length: int) -> bool:
        """Whether this target did not move, nor its denominator; False while the history is shorter than
        that.
        """
        until = day.toordinal() - 1
        if until - length + 1 < self._history.first.toordinal():
            return False
        parts = (self._history.counts[pair], self._history.denominators.get(pair))
        return not any(series.total(until - length + 1, until) for series in parts if series)

    def saturated(self, pair: Pair, target: Target, day: dt.date) -> bool:
        """Whether the goal is reached at the end of the day before."""
        goal = target.goal(pair[0], day)
        if not goal:
            return False
        achieved = self._history.counts[pair].stock(day.toordinal() - 1)
        if not target.is_ratio:
            return achieved >= goal
        denominator = self._history.denominators.get(pair)
        return denominator is not None and achieved >= goal * denominator.stock(day.toordinal() - 1) > 0

    def projected(self, pair: Pair, target: Target, pace: Pace, day: dt.date, length: int) -> float | None:
        """Attainment at the end of the year if the pace of the last `length` days holds; count targets with a
        goal.
        """
        goal = target.goal(pair[0], day)
        if target.is_ratio or not goal:
            return None
        series, until = self._history.counts[pair], day.toordinal() - 1
        effective = pace.effective(until - length + 1, until)
        if not effective:
            return None
        left = sum(n * weight for n, weight in zip(self._left(day), pace.weights, strict=True))
        return (series.stock(until) + series.total(until - length + 1, until) / effective * left) / goal

    def split(self, pair: Pair, target: Target, pace: Pace, spans: Spans) -> RateSplit | None:
        """Why a ratio moved over the span: of stocks since its first day, of flows against the previous span.

        For flows the parts before are those of the previous span at this span's length in
        effective days. None for a count target or without a denominator.
        """
        denominator = self._history.denominators.get(pair)
        if not target.is_ratio or denominator is None:
            return None
        counts = self._history.counts[pair]
        if target.parts == "stocks":
            n0, n1 = float(counts.stock(spans.since - 1)), counts.stock(spans.until)
            d0, d1 = float(denominator.stock(spans.since - 1)), denominator.stock(spans.until)
        else:
            before = pace.effective(spans.previous_since, spans.previous_until)
            share = pace.effective(spans.since, spans.until) / before if before else 0.0
            n0, n1 = (
                counts.total(spans.previous_since, spans.previous_until) * share,
                counts.total(spans.since, spans.until),
            )
            d0, d1 = (
                denominator.total(spans.previous_since, spans.previous_until) * share,
                denominator.total(spans.since, spans.until),
            )
        if not d0 or not d1:
            return None
        by_numerator, by_denominator = rate_change_parts(n1 - n0, n0 / d0, d1 - d0, d1)
        return RateSplit(
            since=dt.date.fromordinal(spans.since),
            until=dt.date.fromordinal(spans.until),
            before=n0 / d0,
            now=n1 / d1,
            by_numerator=by_numerator,
            by_denominator=by_denominator,
        )

    def _weekdays_left(self, day: dt.date) -> list[int]:
        """How many days of each weekday are left, from `day` to the end of its year."""
        left = [0] * 7
        for one in days(day, dt.date(day.year, 12, 31)):
            left[self._calendar.counts_as(one)] += 1
        return left

"""Outlook: where a unit stands apart from the test: silent, goal reached, why a rate moved, where it leads. Pure."""

import datetime as dt
from functools import lru_cache

from services.notifier.detection.comparison import Spans
from services.notifier.detection.series import DetectorHistory, Pace, Pair
from shared.contracts.flags import RateSplit
from shared.domain.calendar import Calendar, days
from shared.domain.catalogue import Catalogue, Target
from shared.domain.figures import rate_change_parts


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

"""Outlook: where a unit stands apart from the test: silent, goal reached, why a rate moved, where it leads. Pure."""

import datetime as dt
from collections.abc import Collection
from functools import lru_cache

from services.notifier.detection.comparison import Spans
from services.notifier.detection.pace import Pace
from services.notifier.detection.series import DailyCounts, DetectorHistory, Pair, sum_counts
from shared.contracts.flags import Forecast, RateSplit
from shared.domain.calendar import Calendar
from shared.domain.catalogue import Catalogue, Target
from shared.domain.figures import rate_change_parts
from shared.domain.formatting import half_up
from shared.domain.unit_hierarchy import makeup_on

NO_GOAL = 0.5
"""The distance to a goal that was never set."""


class Outlook:
    """Answers about one history. Windows are the `length` days before `day`, spans ordinals with both ends."""

    def __init__(self, history: DetectorHistory, catalogue: Catalogue, calendar: Calendar) -> None:
        self._history, self._catalogue, self._calendar = history, catalogue, calendar
        self._working_days = lru_cache(maxsize=64)(self._count_working_days)

    def silent(self, unit: str, day: dt.date, length: int) -> bool:
        """Whether the unit sent nothing for any target; False while the history is shorter than that."""
        return all(
            self.unchanged((unit, target), day.toordinal() - length, day.toordinal() - 1)
            for target in self._history.targets
            if (unit, target) in self._history.counts
        )

    def unchanged(self, pair: Pair, since: int, until: int) -> bool:
        """Whether this target did not move, nor its denominator; False where the history begins later."""
        if since < self._history.first.toordinal():
            return False
        parts = (self._history.counts[pair], self._history.denominators.get(pair))
        return not any(series.total(since, until) for series in parts if series)

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

    def forecast(self, pair: Pair, target: Target, day: dt.date, spans: Spans) -> Forecast | None:
        """Where the pace of `spans` leads by the year's end; None for a ratio, or without a goal or working days."""
        goal = target.goal(pair[0], day)
        end = dt.date(day.year, 12, 31)
        left = self._working_days(day, end)
        worked = self._working_days(dt.date.fromordinal(spans.since), dt.date.fromordinal(spans.until))
        if target.is_ratio or not goal or not left or not worked:
            return None
        series = self._history.counts[pair]
        achieved = series.stock(day.toordinal() - 1)
        pace = float(half_up(series.total(spans.since, spans.until) / worked, 1))
        return Forecast(
            until=end,
            working_days=left,
            achieved=achieved,
            goal=goal,
            pace=pace,
            needed=float(half_up(max(0.0, goal - achieved) / left, 1)),
            attainment=(achieved + pace * left) / goal,
        )

    def distance(self, pair: Pair, target: Target, day: dt.date) -> float:
        """What share of the goal is missing at the end of the day before, 0 to 1; NO_GOAL without a goal."""
        goal, until = target.goal(pair[0], day), day.toordinal() - 1
        achieved: float = self._history.counts[pair].stock(until)
        if target.is_ratio:
            denominator = self._history.denominators.get(pair)
            whole = denominator.stock(until) if denominator else 0
            achieved = achieved / whole if whole > 0 else 0.0
        return min(1.0, max(0.0, 1 - achieved / goal)) if goal else NO_GOAL

    def split(self, pair: Pair, target: Target, pace: Pace, spans: Spans) -> RateSplit | None:
        """Why a ratio moved over the span; None for a count target or without a denominator."""
        denominator = self._history.denominators.get(pair)
        if not target.is_ratio or denominator is None:
            return None
        return rate_split(self._history.counts[pair], denominator, target, pace, spans)

    def splits(self, target: Target, pace: Pace, spans: Spans) -> list[RateSplit]:
        """The split of the sums of all units, and those of the units; empty where the sums have none."""
        pairs = [pair for pair in self._history.denominators if pair[1] == target.number]
        if not pairs:
            return []
        counts = sum_counts([self._history.counts[pair] for pair in pairs])
        denominator = sum_counts([self._history.denominators[pair] for pair in pairs])
        province = rate_split(counts, denominator, target, pace, spans)
        units = [self.split(pair, target, pace, spans) for pair in pairs]
        return [province, *(unit for unit in units if unit)] if province else []

    def _count_working_days(self, since: dt.date, until: dt.date) -> int:
        return sum(1 for _ in self._calendar.working_days(since, until))


def rate_split(
    counts: DailyCounts, denominator: DailyCounts, target: Target, pace: Pace, spans: Spans
) -> RateSplit | None:
    """Why a ratio moved over the span: of stocks since its first day, of flows against the previous span.

    For flows the parts before are those of the previous span at this span's length in effective days. None where
    either denominator is zero.
    """
    added, added_of = counts.total(spans.since, spans.until), denominator.total(spans.since, spans.until)
    if target.parts == "stocks":
        n0, d0 = float(counts.stock(spans.since - 1)), float(denominator.stock(spans.since - 1))
        n1, d1 = counts.stock(spans.until), denominator.stock(spans.until)
    else:
        before = pace.effective(spans.previous_since, spans.previous_until)
        share = pace.effective(spans.since, spans.until) / before if before else 0.0
        n0 = counts.total(spans.previous_since, spans.previous_until) * share
        d0 = denominator.total(spans.previous_since, spans.previous_until) * share
        n1, d1 = added, added_of
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
        added=added,
        added_of=added_of,
    )


def makeup_known(catalogue: Catalogue, known: Collection[str], day: dt.date) -> dict[str, tuple[str, ...]]:
    """The units of `day`, each with those among `known` whose days are its own now.

    Units that the catalogue does not know stand for themselves.
    """
    makeup = makeup_on(catalogue, day)
    units: dict[str, tuple[str, ...]] = {unit: (unit,) for unit in known if unit not in catalogue.unit_by_code}
    for unit in catalogue.units_on(day):
        parts = tuple(code for code in makeup[unit.code] if code in known)
        units |= {unit.code: parts} if parts else {}
    return units

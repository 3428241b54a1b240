"""What a day is worth: weekday weights pooled over the units, and the effective days of any stretch.

The unit of time is the effective day: an ordinary Monday-to-Friday day is 1, so that a month with Tết in it
or one more Sunday is compared at the same working-day pace.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import accumulate

from services.notifier.detection.series import Series
from shared.domain.calendar import ONE_DAY, Calendar

PRIOR = (1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.1)
"""Monday to Sunday, as far as nothing else is known."""
PRIOR_EVENTS = 200
LEARNED_DAYS = 56
SEARCHED_DAYS = 84
"""Among these the learned days are looked for: room for every holiday there can be."""
WORKING_WEEK = 5


def week_weights(pooled: Sequence[int], kinds: Sequence[int], holidays: Sequence[bool]) -> tuple[float, ...]:
    """The weight of each weekday, Monday to Friday = 1 on average, from the days given (oldest first).

    `pooled` is the sum over units per day, `kinds` the weekday each day counts as. The last 56 days that are
    no holidays are used; the means per weekday are shrunk by n / (n + 200), n events, towards PRIOR.
    """
    learned = [at for at in range(len(pooled)) if not holidays[at]][-LEARNED_DAYS:]
    counts, days = [0] * 7, [0] * 7
    for at in learned:
        counts[kinds[at]] += pooled[at]
        days[kinds[at]] += 1
    means = [count / n if n else 0.0 for count, n in zip(counts, days, strict=True)]
    ordinary = sum(means[:WORKING_WEEK]) / WORKING_WEEK
    if not ordinary:
        return PRIOR
    events = sum(counts)
    share = events / (events + PRIOR_EVENTS)
    return tuple(share * mean / ordinary + (1 - share) * prior for mean, prior in zip(means, PRIOR, strict=True))


class Days:
    """The calendar laid over a stretch of days, so that it is asked once. Days are ordinals."""

    def __init__(self, calendar: Calendar, first: dt.date, last: dt.date) -> None:
        self.first = first.toordinal()
        stretch = [first + at * ONE_DAY for at in range((last - first).days + 1)]
        self.kinds = [calendar.kind(day) for day in stretch]
        self.holidays = [calendar.is_holiday(day) for day in stretch]


class Pace:
    """Effective days over any window, under one set of weekday weights. Days are ordinals, both ends
    included.
    """

    def __init__(self, days: Days, weights: tuple[float, ...]) -> None:
        self.weights = weights
        self._first = days.first
        self._sums = [0.0, *accumulate(weights[kind] for kind in days.kinds)]

    def effective(self, since: int, until: int) -> float:
        """The sum of weights from `since` to `until`; 0 when `until` comes first."""
        start = min(max(since - self._first, 0), len(self._sums) - 1)
        end = min(max(until - self._first + 1, start), len(self._sums) - 1)
        return self._sums[end] - self._sums[start]


def learned_pace(days: Days, series: Iterable[Series], month_start: int) -> Pace:
    """The pace of a month, learned from the days before it (ordinal of its first day)."""
    end = max(0, month_start - days.first)
    start = max(0, end - SEARCHED_DAYS)
    pooled = [0] * (end - start)
    for one in series:
        for at, count in enumerate(one.counts[start:end]):
            pooled[at] += count
    return Pace(days, week_weights(pooled, days.kinds[start:end], days.holidays[start:end]))

"""Pace: how much of a working day's work each day is worth, and the effective days of any window. Pure.

Days are ordinals.
"""

import datetime as dt
from collections.abc import Sequence
from copy import copy
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from services.notifier.detection.series import DailyCounts
from shared.domain.calendar import WEEKDAY_WEIGHTS, Calendar
from shared.domain.clock import ONE_DAY

PRIOR_EVENTS = 200
LEARNED_DAYS = 56
SEARCHED_DAYS = 84
"""Among these the learned days are looked for: room for every holiday there can be."""
WORKING_WEEK = 5


def week_weights(
    pooled: Sequence[int] | NDArray[np.int64], weekdays: Sequence[int], holidays: Sequence[bool]
) -> tuple[float, ...]:
    """The weight of each weekday, Monday to Friday = 1 on average, from the days given (oldest first).

    `pooled` is the sum over units per day, `weekdays` the weekday each day counts as. The last 56 days that are
    no holidays are used; the means per weekday are shrunk by n / (n + 200), n events, towards WEEKDAY_WEIGHTS.
    """
    learned = np.flatnonzero(~np.asarray(holidays, dtype=bool))[-LEARNED_DAYS:]
    on = np.asarray(weekdays, dtype=np.int64)[learned]
    counts = np.bincount(on, weights=np.asarray(pooled)[learned], minlength=7)
    days = np.bincount(on, minlength=7)
    means = np.divide(counts, days, out=np.zeros(7), where=days > 0)
    ordinary = means[:WORKING_WEEK].sum() / WORKING_WEEK
    if not ordinary:
        return WEEKDAY_WEIGHTS
    events = counts.sum()
    share = events / (events + PRIOR_EVENTS)
    return tuple((share * means / ordinary + (1 - share) * np.asarray(WEEKDAY_WEIGHTS)).tolist())


class Days:
    """The calendar laid over a stretch of days, so that it is asked once. Days are ordinals."""

    def __init__(self, calendar: Calendar, first: dt.date, last: dt.date) -> None:
        self.first = first.toordinal()
        stretch = [first + at * ONE_DAY for at in range((last - first).days + 1)]
        self.weekdays = [calendar.counts_as(day) for day in stretch]
        self.holidays = [calendar.is_holiday(day) for day in stretch]


class Pace:
    """Effective days over any window, under one set of weekday weights. Days are ordinals, both ends
    included.
    """

    def __init__(self, days: Days, weights: tuple[float, ...]) -> None:
        self.weights = weights
        self._first = days.first
        self._sums = [0.0, *accumulate(weights[weekday] for weekday in days.weekdays)]

    def as_known(self, day: int, shares: Sequence[float]) -> "Pace":
        """The pace of what has come by the morning of `day`: of the day before it `shares[0]`, and so on."""
        known = copy(self)
        end = min(max(day - self._first, 0), len(self._sums) - 1)
        start = max(0, end - len(shares))
        sums = self._sums[: start + 1]
        for at in range(start, end):
            sums.append(sums[-1] + (self._sums[at + 1] - self._sums[at]) * shares[end - 1 - at])
        known._sums = sums
        return known

    def daily(self, start: int) -> NDArray[np.float64]:
        """The effective days of each day from `start` on."""
        return np.diff(self._sums[max(0, start - self._first) :])

    def effective(self, since: int, until: int) -> float:
        """The sum of weights from `since` to `until`; 0 when `until` comes first."""
        start = min(max(since - self._first, 0), len(self._sums) - 1)
        end = min(max(until - self._first + 1, start), len(self._sums) - 1)
        return self._sums[end] - self._sums[start]


def calibrated_pace(days: Days, series: Sequence[DailyCounts], month_start: int) -> Pace:
    """The pace of a month, learned from the days before it (ordinal of its first day)."""
    end = max(0, month_start - days.first)
    start = max(0, end - SEARCHED_DAYS)
    weekdays = days.weekdays[start:end]
    none = np.zeros(len(weekdays), dtype=np.int64)  # a sum of no series has no days by itself
    pooled = np.sum([none, *(each.counts[start:end] for each in series)], axis=0)
    return Pace(days, week_weights(pooled, weekdays, days.holidays[start:end]))

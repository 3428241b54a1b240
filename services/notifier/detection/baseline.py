"""Baseline of a unit: its level in the weeks before, and how much it varies by itself. Pure.

Levels are counts per effective day. Days are ordinals, windows include both ends.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from services.notifier.detection.series import DailyCounts, Pace

WEEK = 7
LEAST_EFFECTIVE = 1.5
SET_ASIDE = 3 / 13

BLOCK_WEEKS = 4
BLOCKS = 4
LEAST_EVENTS = 12
LEAST_BLOCKS = 6
MEDIAN_CHI_SQUARE = 0.789
"""Median of chi-square with 3 degrees of freedom, divided by 3."""
OVERDISPERSION = 2.5
MOST_DISPERSION = 3.0

LEAST_RATIOS = 30
DRIFT = 0.20
DRIFT_RANGE = (0.15, 0.50)
DRIFT_MARGIN = 1.2
MAD_TO_SIGMA = 1.4826


class Baseline(NamedTuple):
    """The count of the middle weeks and their effective days."""

    events: int
    effective: float

    @property
    def level(self) -> float:
        """Counts per effective day, with half an event so that an empty base is not a rate of zero."""
        return (self.events + 0.5) / self.effective


class Spread(NamedTuple):
    """How units vary by themselves: `dispersion` of their days (None: too little to tell), `drift` of their
    level.
    """

    dispersion: float | None
    drift: float

    def overdispersion(self, level: float) -> float:
        """Variance / mean of a count at this level: 1 + dispersion x level (negative binomial days)."""
        return OVERDISPERSION if self.dispersion is None else 1 + self.dispersion * level


class Week(NamedTuple):
    """Seven days of a base and their effective days."""

    since: int
    until: int
    effective: float


def weeks_of(pace: Pace, since: int, until: int) -> list[Week]:
    """The weeks between `since` and `until`, counted back; those of hardly any working day (Tết) are left out."""
    weeks = []
    for end in range(until, since + WEEK - 2, -WEEK):
        effective = pace.effective(end - WEEK + 1, end)
        if effective > LEAST_EFFECTIVE:
            weeks.append(Week(end - WEEK + 1, end, effective))
    return weeks


def baseline_of(series: DailyCounts, weeks: list[Week]) -> Baseline | None:
    """The middle weeks of a base: of every 13, the 3 highest and the 3 lowest are set aside.

    A campaign, or a change that lasted a month, so leaves no trace in what is expected (a trimmed mean;
    Tukey, 1962). None where no week remains.
    """
    counted = []
    for week in weeks:
        count = series.count(week.since, week.until)
        counted.append((count / week.effective, count, week.effective))
    aside = max(1, round(SET_ASIDE * len(counted)))
    middle = sorted(counted)[aside : len(counted) - aside]
    if not middle:
        return None
    return Baseline(sum(week[1] for week in middle), sum(week[2] for week in middle))


def dispersion(series: Iterable[DailyCounts], pace: Pace, first: int, month_start: int) -> float | None:
    """The common dispersion of the units' days, from the weeks of up to four 28-day blocks before the month.

    Per unit and block of 12 events or more, Pearson's X-square over 3 of its weeks estimates 1 + dispersion x
    level (McCullagh and Nelder, Generalized Linear Models, 1989, 4.5); the value at which the median agrees
    with a chi-square's is returned, so that campaigns do not count. None with fewer than six blocks.
    """
    blocks = [
        block
        for one in series
        for number in range(BLOCKS)
        if (end := month_start - 1 - number * BLOCK_WEEKS * WEEK) - BLOCK_WEEKS * WEEK + 1 >= first
        and (block := _pearson(one, pace, end))
    ]
    if len(blocks) < LEAST_BLOCKS:
        return None
    x_squares, levels = np.array(blocks).T
    low, high = 0.0, MOST_DISPERSION
    for _ in range(25):
        middle = (low + high) / 2
        if np.median(x_squares / (1 + middle * levels)) > MEDIAN_CHI_SQUARE:
            low = middle
        else:
            high = middle
    return low


def _pearson(series: DailyCounts, pace: Pace, end: int) -> tuple[float, float] | None:
    """X-square / 3 of the four weeks up to `end`, and their level; None where too few events."""
    start = end - BLOCK_WEEKS * WEEK + 1
    count, effective = series.count(start, end), pace.effective(start, end)
    if count < LEAST_EVENTS or not effective:
        return None
    level = count / effective
    x_square = 0.0
    for monday in range(start, end, WEEK):
        expected = level * pace.effective(monday, monday + WEEK - 1)
        x_square += (series.count(monday, monday + WEEK - 1) - expected) ** 2 / max(expected, 1e-9)
    return x_square / (BLOCK_WEEKS - 1), level


def drift(ratios: Iterable[tuple[float, float]]) -> float:
    """The standard deviation of the log of a unit's own level between base and window, chance taken off.

    `ratios` holds centred log ratios (observed / expected of past windows) with the variance chance alone
    gives each. A robust variance (1.4826 x median absolute value, squared) minus the median chance variance,
    with a margin of 1.2, within 0.15 and 0.50; 0.20 with fewer than 30 ratios.
    """
    pairs = np.array(list(ratios))
    if len(pairs) < LEAST_RATIOS:
        return DRIFT
    logs, variances = pairs.T
    seen = (MAD_TO_SIGMA * np.median(np.abs(logs))) ** 2
    lowest, highest = DRIFT_RANGE
    return min(highest, max(lowest, DRIFT_MARGIN * math.sqrt(max(0.0, seen - np.median(variances)))))

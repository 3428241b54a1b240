"""Baseline of a unit: its level in the weeks before, and what it expects of a window. Pure.

Levels are counts per effective day. Days are ordinals, windows include both ends.
"""

from typing import NamedTuple

from services.notifier.detection.pace import Pace
from services.notifier.detection.series import DailyCounts

WEEK = 7
LEAST_EFFECTIVE = 1.5
SET_ASIDE = 3 / 13
LEAST_DENOMINATOR = 10


class Baseline(NamedTuple):
    """The count of the middle weeks and their effective days."""

    events: int
    effective: float

    @property
    def level(self) -> float:
        """Counts per effective day, with half an event so that an empty base is not a rate of zero."""
        return (self.events + 0.5) / self.effective


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


class Window(NamedTuple):
    """The days looked at and the days they are compared with."""

    since: int
    until: int
    base_since: int
    base_until: int


class Sample(NamedTuple):
    """One unit's counts in a window before the province is looked at; `of` are the denominators of a ratio."""

    observed: int
    expected: float
    observed_of: int | None = None


def window_before(day: int, first: int, length: int, base_days: int, least_base_days: int) -> Window | None:
    """The window that ends the day before `day`; None without enough base behind it since `first`."""
    base_until = day - length - 1
    base_since = max(first, base_until - base_days + 1)
    if base_until - base_since + 1 < least_base_days:
        return None
    return Window(day - length, day - 1, base_since, base_until)


def count_sample(series: DailyCounts, pace: Pace, window: Window, weeks: list[Week]) -> Sample | None:
    """What a count target shows in the window, and what its baseline expects there; None where there is none.

    What grows from nothing is new, not a surge.
    """
    base = baseline_of(series, weeks)
    if base is None or base.events == 0:
        return None
    return Sample(series.count(window.since, window.until), base.level * pace.effective(window.since, window.until))


def flow_sample(numerator: DailyCounts, denominator: DailyCounts, window: Window) -> Sample | None:
    """What a ratio of flows shows; None where either denominator is below ten."""
    observed_of = denominator.count(window.since, window.until)
    base_of = denominator.count(window.base_since, window.base_until)
    if min(observed_of, base_of) < LEAST_DENOMINATOR:
        return None
    base = numerator.count(window.base_since, window.base_until)
    return Sample(numerator.count(window.since, window.until), base / base_of * observed_of, observed_of)

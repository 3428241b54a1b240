"""From figures to places on a chart: rounded steps and straight mappings. Pure."""

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

STEPS = (1, 2, 2.5, 5, 10)
WANTED = 4
GOAL_STRETCH = 1.25
"""A goal within this factor of the figures is drawn; one further off would flatten the curve."""


@dataclass(frozen=True)
class Scale:
    """Maps `low`..`high` to `start`..`end`; a chart's vertical axis runs from below to above."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def ticks(low: float, high: float, least: float) -> list[float]:
    """About WANTED round values that enclose `low`..`high`, no closer than `least` (1 for counts of things)."""
    span = max(high - low, least * WANTED)
    magnitude = 10.0 ** math.floor(math.log10(span / WANTED))
    step = max(next(s * magnitude for s in STEPS if s * magnitude * WANTED >= span), least)
    first = math.floor(low / step)
    last = max(math.ceil(high / step), first + 1)
    return [number * step for number in range(first, last + 1)]


def goal_side(goal: float, values: Iterable[float]) -> Literal["above", "below", ""]:
    """Whether the goal lies too far above or below the figures to be drawn with them; empty where it does not."""
    known = list(values)
    if goal > max(known) * GOAL_STRETCH:
        return "above"
    return "below" if goal * GOAL_STRETCH < min(known) else ""


def month_starts(since: dt.date, until: dt.date) -> list[dt.date]:
    """The first days of months within `since`..`until`, both included."""
    months = range(since.year * 12 + since.month - 1, until.year * 12 + until.month)
    firsts = [dt.date(month // 12, month % 12 + 1, 1) for month in months]
    return [day for day in firsts if since <= day <= until]

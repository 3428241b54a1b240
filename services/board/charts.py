"""Charts: what a curve shows, its scales, and its drawing as inline SVG, whose classes the style sheet knows. Pure."""

import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import Target
from shared.domain.months import month_before
from shared.domain.unit_hierarchy import GoalChange

Point = tuple[dt.date, float]

WIDTH, HEIGHT = 400, 210
"""Of the drawing, in units of its view box."""

LEFT, RIGHT, TOP, BOTTOM = 52, 12, 10, 26
"""Margins around the plot, with room for the labels."""

LINE = 13
"""The height of a line of text."""

STEPS = (1, 2, 2.5, 5, 10)
"""Round distances of two ticks, times a power of ten."""

WANTED = 4
"""Ticks there are about."""

GOAL_STRETCH = 1.25
"""A goal within this factor of the figures is drawn; one further off would flatten the curve."""


@dataclass(frozen=True)
class Curve:
    """`cumulative` are states at the first moment of a day; `pace` is the straight line from a month ago to `until`.

    `goal` is that of `until`, in force since the last of `goal_changes`.
    """

    since: dt.date
    until: dt.date
    cumulative: tuple[Point, ...]
    pace: tuple[Point, ...]
    goal: float | None
    goal_changes: tuple[GoalChange, ...] = ()


def first_day(as_of: dt.date) -> dt.date:
    """Where the curve begins: two months before, so that last month's pace can be seen being made."""
    return month_before(month_before(as_of))


def curve_of(
    target: Target,
    row: ProgressRow,
    days: Sequence[dict[str, Any]],
    as_of: dt.date,
    goal_changes: Sequence[GoalChange] = (),
) -> Curve:
    """The curve of one unit and target; `days` are its daily figures from the day before the first to the last.

    Last month's pace: had this month brought what the one before did, the figure would have gone straight from
    `achieved - increase` to that plus `previous_increase`.
    """
    cumulative = [
        (day["day"] + dt.timedelta(days=1), value) for day in days if (value := total_of(target, day)) is not None
    ]
    pace: tuple[Point, ...] = ()
    if row.achieved is not None and row.increase is not None and row.previous_increase is not None:
        start = row.achieved - row.increase
        pace = ((month_before(as_of), start), (as_of, start + row.previous_increase))
    return Curve(first_day(as_of), as_of, tuple(cumulative), pace, row.goal, tuple(goal_changes))


def total_of(target: Target, day: dict[str, Any]) -> float | None:
    """The cumulative figure at the end of a day; for a ratio the rate, None of nothing."""
    if not target.is_ratio:
        return int(day["count_total"])
    return day["numerator_total"] / day["denominator_total"] if day["denominator_total"] else None


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


@dataclass(frozen=True)
class Captions:
    """The texts of a chart, and how its figures and days are formatted."""

    key: str
    title: str
    description: str
    amount: Callable[[float], str]
    day: Callable[[dt.date], str]
    goal_change: Callable[[GoalChange], str]


def draw(curve: Curve, captions: Captions, least: float) -> str:
    """The chart of a curve with at least one point; `least` is the closest two ticks may be."""
    values = [value for _, value in (*curve.cumulative, *curve.pace)]
    goal = curve.goal if curve.goal is not None and not goal_side(curve.goal, values) else None
    shown = values if goal is None else [*values, goal]
    levels = ticks(min(shown), max(shown), least)
    across = Scale(curve.since.toordinal(), curve.until.toordinal(), LEFT, WIDTH - RIGHT)
    up = Scale(levels[0], levels[-1], HEIGHT - BOTTOM, TOP)
    parts = [
        *_levels(levels, up, captions),
        *_months(curve, across, captions),
        *([] if goal is None else [_goal(goal, curve, across, up)]),
        *_goal_changes(curve, across, captions),
        _line("pace", curve.pace, across, up),
        _line("cumulative", curve.cumulative, across, up),
        _end(curve.cumulative[-1], across, up),
    ]
    key = escape(captions.key)
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{key}-title {key}-desc">'
        f'<title id="{key}-title">{escape(captions.title)}</title>'
        f'<desc id="{key}-desc">{escape(captions.description)}</desc>{"".join(parts)}</svg>'
    )


def _levels(levels: Sequence[float], up: Scale, captions: Captions) -> list[str]:
    return [
        _level("grid", up.at(level))
        + f'<text class="tick" x="{LEFT - 6}" y="{up.at(level) + 4:.1f}" text-anchor="end">'
        + f"{escape(captions.amount(level))}</text>"
        for level in levels
    ]


def _months(curve: Curve, across: Scale, captions: Captions) -> list[str]:
    parts = []
    for day in month_starts(curve.since, curve.until):
        x = across.at(day.toordinal())
        anchor = "start" if x < LEFT + 20 else "end" if x > WIDTH - RIGHT - 20 else "middle"
        parts.append(
            f'<path class="month" d="M{x} {TOP}V{HEIGHT - BOTTOM + 4}"/>'
            f'<text class="tick" x="{x}" y="{HEIGHT - 6}" text-anchor="{anchor}">{escape(captions.day(day))}</text>'
        )
    return parts


def _goal(goal: float, curve: Curve, across: Scale, up: Scale) -> str:
    """The goal from the day it holds, so that no earlier figure is held against it."""
    since = curve.goal_changes[-1].day if curve.goal_changes else curve.since
    return _level("goal", up.at(goal), across.at(since.toordinal()))


def _goal_changes(curve: Curve, across: Scale, captions: Captions) -> list[str]:
    """A line on the day of each change and what it is, on the side where there is room, below one another."""
    parts = []
    for number, change in enumerate(curve.goal_changes):
        x = across.at(change.day.toordinal())
        aside, anchor = (4, "start") if x < (LEFT + WIDTH - RIGHT) / 2 else (-4, "end")
        parts.append(
            f'<path class="goal-change" d="M{x} {TOP}V{HEIGHT - BOTTOM}"/>'
            f'<text class="tick" x="{x + aside:.1f}" y="{TOP + LINE * (number + 1)}" text-anchor="{anchor}">'
            f"{escape(captions.goal_change(change))}</text>"
        )
    return parts


def _level(css_class: str, y: float, since: float = LEFT) -> str:
    return f'<path class="{css_class}" d="M{since} {y}H{WIDTH - RIGHT}"/>'


def _line(css_class: str, points: Sequence[Point], across: Scale, up: Scale) -> str:
    if not points:
        return ""
    places = "L".join(f"{across.at(day.toordinal())} {up.at(value)}" for day, value in points)
    return f'<path class="{css_class}" d="M{places}"/>'


def _end(point: Point, across: Scale, up: Scale) -> str:
    day, value = point
    return f'<circle class="end" cx="{across.at(day.toordinal())}" cy="{up.at(value)}" r="3.5"/>'

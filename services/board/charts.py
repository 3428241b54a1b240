"""A curve as inline SVG. Pure: no styles in it, the style sheet knows the classes; every text is escaped."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from services.board.curves import Curve, Point
from services.board.scales import Scale, goal_side, month_starts, ticks
from shared.domain.goals import GoalChange

WIDTH, HEIGHT = 400, 210
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 10, 26
LINE = 13
"""The height of a line of text."""


@dataclass(frozen=True)
class Captions:
    """What is said of a chart, and how its figures and days are written."""

    key: str
    title: str
    description: str
    figure: Callable[[float], str]
    day: Callable[[dt.date], str]
    goal_change: Callable[[GoalChange], str]


def draw(curve: Curve, captions: Captions, least: float) -> str:
    """The chart of a curve with at least one point; `least` is the closest two ticks may be."""
    values = [value for _, value in (*curve.done, *curve.pace)]
    goal = curve.goal if curve.goal is not None and not goal_side(curve.goal, values) else None
    shown = values if goal is None else [*values, goal]
    marks = ticks(min(shown), max(shown), least)
    across = Scale(curve.since.toordinal(), curve.until.toordinal(), LEFT, WIDTH - RIGHT)
    up = Scale(marks[0], marks[-1], HEIGHT - BOTTOM, TOP)
    parts = [
        *_levels(marks, up, captions),
        *_months(curve, across, captions),
        *([] if goal is None else [_goal(goal, curve, across, up)]),
        *_goal_changes(curve, across, captions),
        _line("pace", curve.pace, across, up),
        _line("done", curve.done, across, up),
        _end(curve.done[-1], across, up),
    ]
    key = escape(captions.key)
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{key}-title {key}-desc">'
        f'<title id="{key}-title">{escape(captions.title)}</title>'
        f'<desc id="{key}-desc">{escape(captions.description)}</desc>{"".join(parts)}</svg>'
    )


def _levels(marks: Sequence[float], up: Scale, captions: Captions) -> list[str]:
    return [
        _level("grid", up.at(mark))
        + f'<text class="tick" x="{LEFT - 6}" y="{up.at(mark) + 4:.1f}" text-anchor="end">'
        + f"{escape(captions.figure(mark))}</text>"
        for mark in marks
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


def _level(kind: str, y: float, since: float = LEFT) -> str:
    return f'<path class="{kind}" d="M{since} {y}H{WIDTH - RIGHT}"/>'


def _line(kind: str, points: Sequence[Point], across: Scale, up: Scale) -> str:
    if not points:
        return ""
    places = "L".join(f"{across.at(day.toordinal())} {up.at(value)}" for day, value in points)
    return f'<path class="{kind}" d="M{places}"/>'


def _end(point: Point, across: Scale, up: Scale) -> str:
    day, value = point
    return f'<circle class="end" cx="{across.at(day.toordinal())}" cy="{up.at(value)}" r="3.5"/>'

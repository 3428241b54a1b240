"""What a curve shows: cumulative figures at the first moment of each day, last month's pace, and the goal. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import Target
from shared.domain.goals import GoalChange
from shared.domain.months import month_before

Point = tuple[dt.date, float]


@dataclass(frozen=True)
class Curve:
    """`done` are states at the first moment of a day; `pace` is the straight line from a month ago to `until`.

    `goal` is that of `until`, in force since the last of `goal_changes`.
    """

    since: dt.date
    until: dt.date
    done: tuple[Point, ...]
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
    done = [(day["day"] + dt.timedelta(days=1), value) for day in days if (value := total_of(target, day)) is not None]
    pace: tuple[Point, ...] = ()
    if row.achieved is not None and row.increase is not None and row.previous_increase is not None:
        start = row.achieved - row.increase
        pace = ((month_before(as_of), start), (as_of, start + row.previous_increase))
    return Curve(first_day(as_of), as_of, tuple(done), pace, row.goal, tuple(goal_changes))


def total_of(target: Target, day: dict[str, Any]) -> float | None:
    """The cumulative figure at the end of a day; for a ratio the rate, None of nothing."""
    if not target.is_ratio:
        return int(day["count_total"])
    return day["numerator_total"] / day["denominator_total"] if day["denominator_total"] else None

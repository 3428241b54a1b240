"""From what the counters hold to the rows people read. Pure: the same counters give the same rows.

Everything is computed on exact fractions and becomes a float only as it leaves, so no figure here has been
rounded and none depends on the order of adding up.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from shared.catalogue import PROVINCE, Catalogue, Target
from shared.progress import ProgressRow

Measures = Mapping[tuple[str, str], int]
"""(measure, unit) -> the cumulative count as of one day; a pair that is missing counts 0."""


@dataclass(frozen=True)
class Achieved:
    """What one unit (or the province) has achieved of one target: a count, or a ratio with its parts."""

    value: Fraction | None
    numerator: int | None = None
    denominator: int | None = None


def progress_rows(
    catalogue: Catalogue, as_of: dt.date, now: Measures, previous: Measures, before: Measures
) -> list[ProgressRow]:
    """One row per unit that exists on `as_of` and per target, in the catalogue's order, then the province's.

    `now`, `previous` and `before` are the counters as of `as_of`, a month earlier and two months earlier. The
    province adds up every unit of the catalogue, also those that no longer exist: what was achieved there was
    achieved. Its goal is the sum of the goals of the units that exist on `as_of`; for a ratio target the one
    ratio they share, None if they do not.
    """
    present = [unit.code for unit in catalogue.units_on(as_of)]
    everyone = [unit.code for unit in catalogue.units]
    columns = (now, previous, before)
    rows = [
        _row(unit, target, unit_goal(target, unit, as_of), [achieved(target, [unit], c) for c in columns])
        for unit in present
        for target in catalogue.targets
    ]
    rows += [
        _row(
            PROVINCE,
            target,
            province_goal(target, present, as_of),
            [achieved(target, everyone, c) for c in columns],
        )
        for target in catalogue.targets
    ]
    return rows


def achieved(target: Target, units: Iterable[str], measures: Measures) -> Achieved:
    """What `units` together achieved of `target`; the value is None for a ratio of nothing."""
    codes = list(units)
    if not target.is_ratio:
        return Achieved(Fraction(_total(target.measures, codes, measures)))
    numerator = _total(target.numerator, codes, measures)
    denominator = _total(target.denominator, codes, measures)
    value = Fraction(numerator, denominator) if denominator else None
    return Achieved(value, numerator, denominator)


def unit_goal(target: Target, unit: str, as_of: dt.date) -> Fraction | None:
    """The unit's goal on `as_of` as the decimal the catalogue writes (0.4 is 2/5); None where it has none."""
    goal = target.goal(unit, as_of)
    return None if goal is None else Fraction(str(goal))


def province_goal(target: Target, units: Iterable[str], as_of: dt.date) -> Fraction | None:
    """The goal of all `units` together: the sum of counts, or the ratio they all share."""
    goals = [goal for unit in units if (goal := unit_goal(target, unit, as_of)) is not None]
    if not goals:
        return None
    if target.is_ratio:
        return goals[0] if len(set(goals)) == 1 else None
    return sum(goals, Fraction(0))


def _total(names: Iterable[str], units: list[str], measures: Measures) -> int:
    return sum(measures.get((name, unit), 0) for name in names for unit in units)


def _row(unit: str, target: Target, goal: Fraction | None, months: list[Achieved]) -> ProgressRow:
    current = months[0]
    now, previous, before = (month.value for month in months)
    return ProgressRow(
        unit=unit,
        target=target.number,
        achieved=_number(now, target),
        goal=_number(goal, target),
        numerator=current.numerator,
        denominator=current.denominator,
        attainment=_float(_over(now, goal)),
        increase=_number(_minus(now, previous), target),
        previous_increase=_number(_minus(previous, before), target),
        growth=_float(_minus(_over(now, previous), Fraction(1))),
    )


def _over(value: Fraction | None, base: Fraction | None) -> Fraction | None:
    return value / base if value is not None and base else None


def _minus(value: Fraction | None, base: Fraction | None) -> Fraction | None:
    return value - base if value is not None and base is not None else None


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _number(value: Fraction | None, target: Target) -> float | int | None:
    """A count of things as an int, as JSON should show it; a ratio, or a goal of half a thing, as a float."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 and not target.is_ratio else float(value)

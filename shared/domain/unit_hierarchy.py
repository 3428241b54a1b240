"""Units, groups and the province on a day: of whom they are made up, and what their goal is. Pure; exact fractions."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from shared.domain.catalogue import PROVINCE, Catalogue, Target, Unit
from shared.domain.clock import ONE_DAY

Makeup = Mapping[str, tuple[str, ...]]
"""Unit or group -> the units whose counts make up its figures, in the catalogue's order."""


def makeup_on(catalogue: Catalogue, day: dt.date) -> Makeup:
    """The makeup of every unit and group that is valid on `day`; each unit's counts are in one unit at most."""
    by_code = {unit.code: unit for unit in catalogue.units}
    units: dict[str, list[str]] = {unit.code: [] for unit in catalogue.units if unit.valid_on(day)}
    for unit in catalogue.units:
        for code in _counted_in(unit, by_code, day):
            units[code].append(unit.code)
    return {code: tuple(codes) for code, codes in units.items()}


def makeup_of(catalogue: Catalogue, unit: str, day: dt.date) -> tuple[str, ...]:
    """The units whose counts make up the figures of `unit`, a group or the province on `day`.

    Of a unit that is gone by then, those of its last day.
    """
    if unit == PROVINCE:
        return tuple(known.code for known in catalogue.units)
    until = next(known.valid_until for known in catalogue.units if known.code == unit)
    last = day if until is None else min(day, until - ONE_DAY)
    return makeup_on(catalogue, last).get(unit, (unit,))


def heir(catalogue: Catalogue, unit: str, day: dt.date) -> str | None:
    """The unit in which what `unit` achieved is counted on `day`: itself, or who took over; None where nobody did."""
    successor = _heir(catalogue.unit_by_code[unit], catalogue.unit_by_code, day)
    return successor.code if successor else None


def _counted_in(unit: Unit, by_code: Mapping[str, Unit], day: dt.date) -> Iterator[str]:
    successor = _heir(unit, by_code, day)
    if successor:
        yield successor.code
    yield from (link.code for link in _chain(unit, by_code) if link.group and link.valid_on(day))


def _heir(unit: Unit, by_code: Mapping[str, Unit], day: dt.date) -> Unit | None:
    successor = next((link for link in _chain(unit, by_code) if not link.gone_by(day)), None)
    return successor if successor and successor.valid_on(day) and not successor.group else None


def _chain(unit: Unit, by_code: Mapping[str, Unit]) -> Iterator[Unit]:
    """The unit, its parent, the parent of that one, and so on; a usable catalogue has no circle."""
    link: Unit | None = unit
    while link is not None:
        yield link
        link = by_code[link.parent] if link.parent else None


class GoalChange(NamedTuple):
    """From `day` on the goal is `goal`; None: there is none any more."""

    day: dt.date
    goal: Fraction | None


def unit_goal(target: Target, unit: str, day: dt.date) -> Fraction | None:
    """The unit's goal on `day` as the decimal the catalogue writes (0.4 is 2/5); None where it has none."""
    goal = target.goal(unit, day)
    return None if goal is None else Fraction(str(goal))


def common_goal(target: Target, units: Iterable[str], day: dt.date) -> Fraction | None:
    """The goal of all `units` together: the sum of counts, or the ratio they all share."""
    goals = [goal for unit in units if (goal := unit_goal(target, unit, day)) is not None]
    if not goals:
        return None
    if target.is_ratio:
        return goals[0] if len(set(goals)) == 1 else None
    return sum(goals, Fraction(0))


def goal_on(catalogue: Catalogue, target: Target, unit: str, day: dt.date) -> Fraction | None:
    """The goal of a unit that is valid on `day`; of a group or the province that of their units valid on it."""
    valid = [one.code for one in catalogue.units_on(day)]
    if unit in valid:
        return unit_goal(target, unit, day)
    members = set(makeup_of(catalogue, unit, day))
    return common_goal(target, [code for code in valid if code in members], day)


def goal_changes(catalogue: Catalogue, target: Target, unit: str, since: dt.date, until: dt.date) -> list[GoalChange]:
    """The changes from `since` to `until`, both included; a unit's first and last day change nothing of its goal."""
    dates = {*target.goals}
    if unit == PROVINCE or catalogue.unit_by_code[unit].group:
        dates |= {day for one in catalogue.units for day in (one.valid_from, one.valid_until) if day}
    return [
        GoalChange(day, goal)
        for day in sorted(dates)
        if since <= day <= until
        and _valid(catalogue, unit, day - ONE_DAY)
        and _valid(catalogue, unit, day)
        and (goal := goal_on(catalogue, target, unit, day)) != goal_on(catalogue, target, unit, day - ONE_DAY)
    ]


def asks_anew(catalogue: Catalogue, target: Target, day: dt.date) -> bool:
    """Whether on `day` the goal of a unit changed that is itself unchanged.

    A unit that took others over has a larger goal because it is larger: that is no new demand.
    """
    now, before = makeup_on(catalogue, day), makeup_on(catalogue, day - ONE_DAY)
    same = [unit for unit, codes in now.items() if before.get(unit) == codes]
    return any(target.goal(unit, day) != target.goal(unit, day - ONE_DAY) for unit in same)


def _valid(catalogue: Catalogue, unit: str, day: dt.date) -> bool:
    return unit == PROVINCE or catalogue.unit_by_code[unit].valid_on(day)

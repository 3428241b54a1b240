"""From what the counters hold to the rows people read. Pure: the same counters give the same rows.

Everything is computed on exact fractions and becomes a float only as it leaves, so no figure here has been
rounded and none depends on the order of adding up.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import PROVINCE, Catalogue, Target
from shared.domain.unit_hierarchy import goal_on, makeup_of

N = TypeVar("N", float, Fraction)

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
    """One row per unit that exists on `as_of` and per target, in the catalogue's order, then groups, then the province.

    `now`, `previous` and `before` are the counters as of `as_of`, a month earlier and two months earlier. A row is
    made up of the same units in all three (`unit_hierarchy.py`): a unit's includes those it took over from. The
    province adds up every unit of the catalogue, also those that no longer exist: what was achieved there was
    achieved. Its goal is the sum of the goals of the units that exist on `as_of`; for a ratio target the one
    ratio they share, None if they do not.
    """
    columns = (now, previous, before)
    rows = []
    for unit in scopes(catalogue, as_of):
        units = makeup_of(catalogue, unit, as_of)
        for target in catalogue.targets:
            goal = goal_on(catalogue, target, unit, as_of)
            rows.append(_row(unit, target, goal, [achieved(target, units, c) for c in columns]))
    return rows


def scopes(catalogue: Catalogue, as_of: dt.date) -> list[str]:
    """What has figures as of a day: the units that exist then, the groups, the province."""
    named = catalogue.units_on(as_of) + catalogue.groups_on(as_of)
    return [*(unit.code for unit in named), PROVINCE]


def achieved(target: Target, units: Iterable[str], measures: Measures) -> Achieved:
    """What `units` together achieved of `target`; the value is None for a ratio of nothing."""
    codes = list(units)
    if not target.is_ratio:
        return Achieved(Fraction(_total(target.measures, codes, measures)))
    numerator = _total(target.numerator, codes, measures)
    denominator = _total(target.denominator, codes, measures)
    value = Fraction(numerator, denominator) if denominator else None
    return Achieved(value, numerator, denominator)


def _total(names: Iterable[str], units: list[str], measures: Measures) -> int:
    return sum(measures.get((name, unit), 0) for name in names for unit in units)


def _row(unit: str, target: Target, goal: Fraction | None, months: list[Achieved]) -> ProgressRow:
    current = months[0]
    now, previous, before = (month.value for month in months)
    return ProgressRow(
        unit=unit,
        target=target.number,
        achieved=number(now, target),
        goal=number(goal, target),
        numerator=current.numerator,
        denominator=current.denominator,
        attainment=_float(_over(now, goal)),
        increase=number(_minus(now, previous), target),
        previous_increase=number(_minus(previous, before), target),
        growth=_float(_minus(_over(now, previous), Fraction(1))),
    )


def _over(value: Fraction | None, base: Fraction | None) -> Fraction | None:
    return value / base if value is not None and base else None


def _minus(value: Fraction | None, base: Fraction | None) -> Fraction | None:
    return value - base if value is not None and base is not None else None


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def number(value: Fraction | None, target: Target) -> float | int | None:
    """A count of things as an int, as JSON should show it; a ratio, or a goal of half a thing, as a float."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 and not target.is_ratio else float(value)


def rate_change_parts(added: N, rate_before: N, arrived: N, denominator: N) -> tuple[N, N]:
    """What the numerator and the denominator of a ratio did to its rate; the two add up to the change exactly.

    `added`, `arrived`: what the numerator and the denominator grew by; `denominator`: that of now. With R0 the rate
    before, D1 the denominator now, dn and dD what the parts grew by: R1 - R0 = dn / D1 - R0 dD / D1.
    """
    return added / denominator, -rate_before * arrived / denominator

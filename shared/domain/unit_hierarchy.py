"""Whose counts make up whose figures on a day: units come, vanish into others, and belong to groups. Pure.

A count stays with the unit it was counted under for ever. Figures as of a day are of the units valid on that day:

- a unit that is gone is counted in the unit that took over, its `parent`, or whoever took over from that one since;
  with no such unit it is counted in the province alone;
- a group adds up its members, and all that was ever counted in them;
- figures of earlier days that are compared with these (a month before, the days of a curve) are made up of the same
  counts, so that no merge shows as growth.
"""

import datetime as dt
from collections.abc import Iterator, Mapping

from shared.domain.catalogue import PROVINCE, Catalogue, Unit

Makeup = Mapping[str, tuple[str, ...]]
"""Unit or group -> the units whose counts make up its figures, in the catalogue's order."""

ONE_DAY = dt.timedelta(days=1)


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

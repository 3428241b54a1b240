"""What makes a catalogue unusable: entries that contradict each other, each in words that name the remedy. Pure."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from shared.domain.notice_texts import problems

if TYPE_CHECKING:
    from shared.domain.catalogue import Catalogue, Measure, Target, Unit

RESERVED = "province"
EVERY_UNIT = "every_unit"


def contradictions(catalogue: "Catalogue") -> Iterator[str]:
    """Every problem, the plain ones first: what follows them takes them for solved."""
    codes = [unit.code for unit in catalogue.units]
    yield from (f"unit {code!r} is listed twice" for code in _repeated(codes))
    if RESERVED in codes:
        yield f"unit code {RESERVED!r} is reserved for the whole province; choose another"
    units = {unit.code: unit for unit in catalogue.units}
    for unit in catalogue.units:
        yield from _parent_problems(unit, units)
    for unit in catalogue.units:
        yield from _validity_problems(unit, units)
    yield from _measuring_problems(catalogue)
    for target in catalogue.targets:
        yield from _goal_problems(target, units, catalogue.project.began)
    yield from problems(catalogue.letterheads, catalogue.remarks, units)


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _parent_problems(unit: "Unit", units: Mapping[str, "Unit"]) -> Iterator[str]:
    if unit.parent is None:
        return
    parent = units.get(unit.parent)
    if parent is None:
        yield f"unit {unit.code!r}: parent {unit.parent!r} is not a unit"
        return
    seen = [unit.code]
    while parent is not None and parent.code not in seen:
        seen.append(parent.code)
        parent = units.get(parent.parent) if parent.parent else None
    if parent is not None and parent.code == unit.code:
        yield f"unit {unit.code!r} is its own parent, through {' and '.join(seen[1:] or seen)}: take one `parent` away"


def _validity_problems(unit: "Unit", units: Mapping[str, "Unit"]) -> Iterator[str]:
    since, until = unit.valid_from, unit.valid_until
    if since is not None and until is not None and until <= since:
        yield f"unit {unit.code!r}: valid_until {until} is not after valid_from {since}, so it is valid on no day"
    if unit.parent is None or units[unit.parent].group:
        return
    if unit.group:
        yield f"unit {unit.code!r}: the parent of a group must be a group, and {unit.parent!r} is none"
    elif until is None:
        yield (
            f"unit {unit.code!r}: its parent {unit.parent!r} is no group, so it takes over one day: give {unit.code!r} "
            f"a valid_until, or {unit.parent!r} group = true"
        )
    elif not _taken_over(unit, units, until):
        yield (
            f"unit {unit.code!r}: its parent {unit.parent!r} is not valid on {until}, the day it should take over: "
            "change one of the dates, or the parent"
        )


def _taken_over(unit: "Unit", units: Mapping[str, "Unit"], day: dt.date) -> bool:
    """Whether one of the units after `unit` is valid on `day`, all between them gone by then."""
    heir = units.get(unit.parent or "")
    while heir is not None and heir.gone_by(day):
        heir = units.get(heir.parent or "")
    return heir is not None and heir.valid_on(day)


def _goal_problems(target: "Target", units: Mapping[str, "Unit"], began: dt.date) -> Iterator[str]:
    dates = sorted(target.goals)
    for since, until in pairwise([*dates, dt.date.max]):
        where = f"target {target.number}, goals of {since}"
        if since < began:
            yield f"{where}: the project began on {began}; date them that day or later"
        for code in target.goals[since]:
            if code != EVERY_UNIT:
                yield from (f"{where}: {problem}" for problem in _named_in_goals(code, units.get(code), since, until))


def _named_in_goals(code: str, unit: "Unit | None", since: dt.date, until: dt.date) -> Iterator[str]:
    """`since` and `until` are the first day these goals hold and the first they no longer do."""
    if unit is None:
        yield f"{code!r} is not a unit"
    elif unit.group:
        yield f"{code!r} is a group; its goal is its members' together: take the line away"
    elif unit.gone_by(since):
        yield f"{code!r} is valid until {unit.valid_until} only: give its goal to the unit that took over"
    elif not unit.begun_by(until - dt.timedelta(days=1)):
        yield f"{code!r} is valid from {unit.valid_from} only: move its goal to goals of that day"


def _measuring_problems(catalogue: "Catalogue") -> Iterator[str]:
    types = [
        event.type
        for kind in catalogue.kinds.values()
        for event in (kind.begin, kind.step, kind.end)
        if event is not None
    ]
    yield from (f"event type {name!r} belongs to two kinds" for name in _repeated(types))
    for name, measure in catalogue.measures.items():
        yield from _measure_problems(catalogue, name, measure)
    roles: dict[str, str] = {}
    for target in catalogue.targets:
        for name in target.measures + target.numerator + target.denominator:
            if name not in catalogue.measures:
                yield f"target {target.number}: measure {name!r} is not in measures.toml"
            if roles.setdefault(name, target.role) != target.role:
                yield f"target {target.number}: measure {name!r} is counted as another role elsewhere"
    numbers = [str(target.number) for target in catalogue.targets]
    yield from (f"target {number} is listed twice" for number in _repeated(numbers))


def _measure_problems(catalogue: "Catalogue", name: str, measure: "Measure") -> Iterable[str]:
    kind = catalogue.kinds.get(measure.kind)
    if kind is None:
        return [f"measure {name!r}: kind {measure.kind!r} is not defined"]
    if kind.begin.data.get("unit") != "unit":
        return [f"kind {measure.kind!r}: its begin event must carry `unit`, or nothing can be counted per unit"]
    if measure.step and kind.step is None:
        return [f"measure {name!r}: kind {measure.kind!r} has no step event"]
    problems = []
    for attribute, value in measure.where.items():
        allowed = kind.begin.data.get(attribute)
        if not isinstance(allowed, list) or value not in allowed:
            problems.append(f"measure {name!r}: {attribute} = {value!r} is not a value of {measure.kind!r}")
    return problems

"""Whatever merges into whatever: nothing is lost, nothing is counted twice, and nothing earlier changes."""

import datetime as dt
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import PROVINCE, Catalogue
from shared.domain.figures import Measures, progress_rows
from shared.domain.snapshot import snapshot_from_measures
from tests.support.notice434 import catalogue

DAYS = [dt.date(2025, month, day) for month in (6, 7, 8) for day in (1, 16)]
CODES = [f"u{number}" for number in range(7)]
MEASURES = list(catalogue().measures)

_counts = st.dictionaries(st.tuples(st.sampled_from(MEASURES), st.sampled_from(CODES)), st.integers(0, 50), max_size=30)
_columns = st.tuples(_counts, _counts, _counts)


def catalogue_of(units: list[dict[str, Any]]) -> Catalogue:
    """The shipped measures and targets, with `units` and goals for all of them."""
    given_units = [{"name_vi": "", "name_en": "", "sub_units": 1} | unit for unit in units]
    goals = {dt.date(2022, 1, 1): {"every_unit": 0.5}}
    fields = {name: getattr(catalogue(), name) for name in Catalogue.model_fields}
    targets = [target.model_copy(update={"goals": goals}) for target in catalogue().targets]
    return Catalogue.model_validate(fields | {"units": given_units, "targets": targets})


@st.composite
def merging(draw: st.DrawFn, left_behind: bool = True) -> list[dict[str, Any]]:
    """Units of which each may vanish into a later one; with `left_behind`, into none as well."""
    units: list[dict[str, Any]] = []
    for number, code in enumerate(CODES):
        later = CODES[number + 1 :]
        unit: dict[str, Any] = {"code": code, "valid_from": draw(st.none() | st.sampled_from(DAYS[:3]))}
        parent = draw(st.sampled_from([None, *later] if left_behind else later)) if later else None
        if (parent or left_behind) and draw(st.booleans()):
            unit |= {"valid_until": draw(st.sampled_from(DAYS)), "parent": parent}
        units.append(unit)
    try:
        catalogue_of(units)
    except ValidationError:
        assume(False)
    return units


def by_place(rows: list[ProgressRow]) -> dict[tuple[str, int], ProgressRow]:
    return {(row.unit, row.target): row for row in rows}


def begun(columns: tuple[Measures, ...], units: list[dict[str, Any]], day: dt.date) -> tuple[Measures, ...]:
    """The counts without those of units that are yet to come: they cannot have any."""
    known = {unit["code"] for unit in units if unit["valid_from"] is None or unit["valid_from"] <= day}
    return tuple({place: n for place, n in column.items() if place[1] in known} for column in columns)


@given(merging(left_behind=False), _columns, st.sampled_from(DAYS))
def test_the_units_of_a_day_add_up_to_the_province(
    units: list[dict[str, Any]], columns: tuple[Measures, Measures, Measures], day: dt.date
) -> None:
    now, previous, before = begun(columns, units, day)
    rows = progress_rows(catalogue_of(units), day, now, previous, before)
    for target in catalogue().targets:
        own = [row for row in rows if row.target == target.number]
        fields = ("numerator", "denominator") if target.is_ratio else ("achieved", "increase", "previous_increase")
        for field in fields:
            assert sum(getattr(row, field) for row in own[:-1]) == getattr(own[-1], field)
        assert own[-1].unit == PROVINCE


@given(merging(), _columns, st.sampled_from(DAYS))
def test_no_merge_changes_what_the_province_achieved(
    units: list[dict[str, Any]], columns: tuple[Measures, Measures, Measures], day: dt.date
) -> None:
    alone = catalogue_of([{"code": unit["code"]} for unit in units])
    goal = {"goal": None, "attainment": None}
    merged_rows = by_place(progress_rows(catalogue_of(units), day, *columns))
    plain_rows = by_place(progress_rows(alone, day, *columns))
    for number in catalogue().target_by_number:
        place = PROVINCE, number
        assert merged_rows[place].model_copy(update=goal) == plain_rows[place].model_copy(update=goal)


@given(merging(), _columns, st.sampled_from(DAYS))
def test_what_happens_later_changes_no_snapshot(
    units: list[dict[str, Any]], columns: tuple[Measures, Measures, Measures], day: dt.date
) -> None:
    """A merge written into the catalogue restates no month that was closed before it."""
    known = [unit for unit in units if unit["valid_from"] is None or unit["valid_from"] <= day]
    gone = [unit["code"] for unit in known if unit.get("valid_until", dt.date.max) <= day]
    as_it_read = [
        unit if unit["code"] in gone else {"code": unit["code"], "valid_from": unit["valid_from"]} for unit in known
    ]
    now, previous, before = begun(columns, units, day)
    told = snapshot_from_measures(catalogue_of(as_it_read), day, (now, previous, before))
    assert snapshot_from_measures(catalogue_of(units), day, (now, previous, before)) == told

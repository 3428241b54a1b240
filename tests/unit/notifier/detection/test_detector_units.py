"""The detector where units end and merge."""

import datetime as dt

from shared.domain.catalogue import Catalogue
from tests.support.detector_stories import CATALOGUE, CHANGE, END, LAST, ONE, UNITS, changed, history, run


def merging(gone: str, heir: str, day: dt.date) -> Catalogue:
    """The catalogue in which `gone` becomes part of `heir` on `day`."""
    fields = {name: getattr(CATALOGUE, name) for name in Catalogue.model_fields}
    end = {"valid_until": day, "parent": heir}
    return Catalogue(
        **fields | {"units": tuple(u.model_copy(update=end if u.code == gone else {}) for u in CATALOGUE.units)}
    )


def test_a_merge_is_no_surge_and_the_new_whole_is_judged_against_both() -> None:
    """The heir does what both did: steady. Without its other half's days before the merge it would have doubled."""

    def story(unit: str, _: int, day: dt.date) -> int:
        if day < CHANGE:
            return 3
        return {ONE: 0, UNITS[1]: 6}.get(unit, 3)

    def of(unit: str, _: int, day: dt.date) -> int:
        return story(unit, 0, day) * 4

    raised, _, last = run(history(story, of), LAST, merging(ONE, UNITS[1], CHANGE))
    assert raised == []
    assert {one.state for one in last.verdicts} == {"steady"}
    assert ONE not in {one.unit for one in last.verdicts}
    alone, _, _ = run(history(story, of), LAST)
    assert {(flag.unit, flag.direction) for flag in alone} >= {(UNITS[1], "surge")}


def test_before_the_merge_each_unit_is_judged_by_itself() -> None:
    told = history(changed({ONE}, 2, 3, 1))
    plain, _, _ = run(told, END)
    merged, _, _ = run(told, END, merging(ONE, UNITS[1], LAST))
    assert merged == plain != []


def test_the_flag_of_a_unit_ends_with_it() -> None:
    told = history(changed({ONE}, 2, 3, 1))
    ended = dt.date(2023, 8, 8)
    raised, cleared, last = run(told, LAST, merging(ONE, UNITS[1], ended))
    assert [flag.unit for flag in raised][:1] == [ONE]
    assert [(flag.unit, flag.cleared_on) for flag in cleared if flag.unit == ONE] == [(ONE, ended)]
    assert ONE not in {flag.unit for flag in last.state.standing}

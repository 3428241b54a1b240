"""Whose counts make up whose figures before, at and after a merge, and what the goals do."""

import datetime as dt
from fractions import Fraction

import pytest

from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import PROVINCE
from shared.domain.clock import ONE_DAY
from shared.domain.figures import progress_rows
from shared.domain.unit_hierarchy import GoalChange, asks_anew, goal_changes, heir, makeup_of, makeup_on
from tests.support.merged_catalogue import AGAIN, JOINED, MERGED, RAISED, merged

EVE = MERGED - ONE_DAY
WARD = ("an-lao", "hoai-an", "an-hoa")


def rows(
    as_of: dt.date, now: dict[str, int], previous: dict[str, int], before: dict[str, int]
) -> dict[str, ProgressRow]:
    """Target 6 as of a day, from the articles of each unit."""
    columns = [{("articles", unit): count for unit, count in column.items()} for column in (now, previous, before)]
    found = progress_rows(merged(), as_of, *columns)
    return {row.unit: row for row in found if row.target == 6}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (EVE, {"an-lao": ("an-lao",), "hoai-an": ("hoai-an",), "an-hoa": None, "north": None}),
        (MERGED, {"an-lao": None, "hoai-an": None, "an-hoa": WARD, "tuy-phuoc": ("tuy-phuoc",)}),
        (JOINED - ONE_DAY, {"van-canh": ("van-canh",), "tuy-phuoc": ("tuy-phuoc",)}),
        (JOINED, {"van-canh": None, "tuy-phuoc": ("tuy-phuoc", "van-canh")}),
        (AGAIN - ONE_DAY, {"an-hoa": WARD, "north": None}),
        (AGAIN, {"an-hoa": None, "north": (*WARD, "north")}),
    ],
)
def test_a_unit_is_made_up_of_itself_and_of_those_it_took_over_from(
    day: dt.date, expected: dict[str, tuple[str, ...] | None]
) -> None:
    found = makeup_on(merged(), day)
    assert {unit: found.get(unit) for unit in expected} == expected


@pytest.mark.parametrize("day", [dt.date(2023, 7, 1), EVE, MERGED, AGAIN])
def test_a_group_adds_up_its_members_and_all_that_became_of_them(day: dt.date) -> None:
    assert set(makeup_on(merged(), day)["cluster"]) == {"cluster", "quy-nhon", *WARD, "north"}


def test_what_a_unit_was_made_up_of_on_its_last_day_stays_its_history() -> None:
    assert makeup_of(merged(), "an-lao", AGAIN) == ("an-lao",)
    assert makeup_of(merged(), "an-hoa", AGAIN) == WARD
    assert len(makeup_of(merged(), PROVINCE, AGAIN)) == len(merged().units)


@pytest.mark.parametrize(
    ("unit", "day", "expected"),
    [("an-lao", EVE, "an-lao"), ("an-lao", MERGED, "an-hoa"), ("an-lao", AGAIN, "north"), ("an-hoa", EVE, None)],
)
def test_who_took_over(unit: str, day: dt.date, expected: str | None) -> None:
    assert heir(merged(), unit, day) == expected


def test_a_unit_yet_to_come_is_in_nobodys_figures() -> None:
    """Also not in those of the unit that is to take over from it one day."""
    units = [
        unit.model_copy(update={"parent": "phu-cat"}) if unit.code == "an-hoa" else unit for unit in merged().units
    ]
    made = makeup_on(merged().model_copy(update={"units": tuple(units)}), EVE)
    assert [code for code, codes in made.items() if "an-hoa" in codes] == []


def test_figures_before_at_and_after_a_merge() -> None:
    may, june, july = {"an-lao": 4, "hoai-an": 6}, {"an-lao": 8, "hoai-an": 12}, {"an-lao": 10, "hoai-an": 20}
    august = july | {"an-hoa": 15}
    before = rows(EVE, july, june, may)
    assert (before["an-lao"].achieved, before["an-lao"].growth) == (10, 0.25)
    assert "an-hoa" not in before
    at = rows(MERGED, july, june, may)["an-hoa"]
    assert (at.achieved, at.goal, at.increase, at.previous_increase, at.growth) == (30, 3000, 10, 10, 0.5)
    after = rows(RAISED, august, july, june)
    assert (after["an-hoa"].achieved, after["an-hoa"].increase, after["an-hoa"].growth) == (45, 15, 0.5)
    assert not {"an-lao", "hoai-an"} & after.keys()


def test_a_group_stands_between_the_units_and_the_province_with_its_members_goals() -> None:
    found = rows(MERGED, {"quy-nhon": 5, "an-lao": 1}, {}, {})
    assert list(found)[-2:] == ["cluster", PROVINCE]
    assert (found["cluster"].achieved, found["cluster"].goal) == (6, 276 + 3000)
    units = [unit.code for unit in merged().units_on(MERGED)]
    assert found[PROVINCE].goal == sum(found[unit].goal or 0 for unit in units)
    assert found[PROVINCE].achieved == 6


def test_goal_changes_are_told_of_units_groups_and_the_province() -> None:
    def told(unit: str, number: int = 1) -> list[GoalChange]:
        target = merged().target_by_number[number]
        return goal_changes(merged(), target, unit, dt.date(2025, 1, 1), dt.date(2025, 12, 31))

    assert told("quy-nhon") == [(RAISED, Fraction(7000))]
    assert told("phu-cat") == told("an-lao") == told("an-hoa") == []
    assert told("cluster") == [(MERGED, Fraction(9589)), (RAISED, Fraction(10000))]
    assert [day for day, _ in told(PROVINCE)] == [MERGED, JOINED, RAISED]
    assert told("quy-nhon", 2) == []
    assert told(PROVINCE, 3) == []
    outside = goal_changes(merged(), merged().target_by_number[1], "quy-nhon", RAISED + ONE_DAY, AGAIN)
    assert outside == []


def test_the_first_goals_of_a_target_are_a_change_from_none() -> None:
    target = merged().target_by_number[1].model_copy(update={"goals": {MERGED: {"phu-cat": 5}, RAISED: {}}})
    assert goal_changes(merged(), target, "phu-cat", EVE, RAISED) == [(MERGED, Fraction(5)), (RAISED, None)]


def test_a_merge_asks_nothing_anew_and_a_raised_goal_does() -> None:
    target = merged().target_by_number[1]
    grown = target.goals | {JOINED: target.goals[dt.date(2022, 1, 1)] | {"tuy-phuoc": 9000}}
    del grown[JOINED]["van-canh"]
    assert not asks_anew(merged(), target, MERGED)
    assert not asks_anew(merged(), target.model_copy(update={"goals": grown}), JOINED)
    assert asks_anew(merged(), target, RAISED)
    assert not asks_anew(merged(), merged().target_by_number[2], RAISED)

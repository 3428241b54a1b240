"""The progress rows of Notice 434, and the edges no notice shows: nothing, no goal, units come and gone."""

import datetime as dt

import pytest

from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import PROVINCE, Catalogue, Target, Unit
from shared.domain.figures import progress_rows
from shared.domain.formatting import half_up, percent
from tests.support.notice434 import JULY, JUNE, MAY, catalogue, measures_on


def notice_rows() -> dict[tuple[str, int], ProgressRow]:
    rows = progress_rows(catalogue(), JULY, measures_on(JULY), measures_on(JUNE), measures_on(MAY))
    return {(row.unit, row.target): row for row in rows}


@pytest.mark.parametrize(
    ("target", "achieved", "goal", "printed"),
    [
        (1, 49795, 48000, "103.7"),
        (2, 40676, 66000, "61.6"),
        (5, 24938, 51000, "48.9"),
        (6, 801, 2460, "32.6"),
        (7, 47256, 400000, "11.8"),
    ],
)
def test_count_targets_of_the_province(target: int, achieved: int, goal: int, printed: str) -> None:
    row = notice_rows()[PROVINCE, target]
    assert (row.achieved, row.goal) == (achieved, goal)
    assert isinstance(row.achieved, int)
    assert isinstance(row.goal, int)
    assert (row.numerator, row.denominator) == (None, None)
    assert row.attainment == achieved / goal
    assert str(percent(achieved, goal)) == printed


@pytest.mark.parametrize(("target", "part", "whole", "goal"), [(3, 29440, 90471, 0.4), (4, 10594, 32580, 0.8)])
def test_ratio_targets_of_the_province(target: int, part: int, whole: int, goal: float) -> None:
    row = notice_rows()[PROVINCE, target]
    assert (row.numerator, row.denominator, row.goal) == (part, whole, goal)
    assert row.achieved == part / whole
    assert str(percent(part, whole)) == "32.5"
    assert row.attainment == pytest.approx(part / whole / goal, rel=1e-15)


@pytest.mark.parametrize(
    ("unit", "target", "growth"),
    [
        ("businesses", 1, 278),
        ("technology-college", 1, 85),
        ("quy-nhon-university", 1, 75),
        ("tay-son", 1, 120),
        ("an-nhon", 1, 202),
        ("technology-college", 2, 133),
        ("tay-son", 2, 171),
        ("an-nhon", 2, 347),
        ("van-canh", 5, 168),
        ("an-nhon", 5, 172),
    ],
)
def test_growth_per_unit(unit: str, target: int, growth: int) -> None:
    value = notice_rows()[unit, target].growth
    assert value is not None
    assert half_up(value * 100) == growth


def test_what_the_notice_says_of_sets_of_units() -> None:
    units = {unit.code: {n: notice_rows()[unit.code, n] for n in range(1, 8)} for unit in catalogue().units}
    reached = {n: {u for u, row in units.items() if (row[n].attainment or 0) >= 1} for n in range(1, 8)}
    assert reached[1] == {"phu-my", "hoai-nhon"}
    assert reached[2] == {"public-security", "hoai-an", "van-canh"}
    assert reached[5] == {"van-canh"}
    assert reached[6] == {"public-security"}
    assert len(reached[7]) == 7
    assert {u for u, row in units.items() if row[1].increase == 0} == {
        "military",
        "border-guard",
        "construction-college",
    }
    assert sum((row[6].growth or 0) > 0.75 for row in units.values()) == 13
    slower = {u for u, row in units.items() if (row[7].increase or 0) < (row[7].previous_increase or 0)}
    assert slower == {"an-lao", "vinh-thanh"}


def test_rows_stand_in_the_catalogues_order_with_the_province_last() -> None:
    rows = progress_rows(catalogue(), JULY, {}, {}, {})
    units = [unit.code for unit in catalogue().units]
    numbers = [target.number for target in catalogue().targets]
    assert [(row.unit, row.target) for row in rows] == [(u, n) for u in [*units, PROVINCE] for n in numbers]


def test_nothing_counted_gives_none_where_there_is_nothing_to_divide_by() -> None:
    rows = progress_rows(catalogue(), JULY, {}, {}, {})
    counts = [row for row in rows if row.numerator is None]
    ratios = [row for row in rows if row.numerator is not None]
    assert all((row.achieved, row.increase, row.growth, row.attainment) == (0, 0, None, 0) for row in counts)
    assert {row.target for row in ratios} == {3, 4}
    assert all((row.achieved, row.increase, row.growth, row.attainment) == (None,) * 4 for row in ratios)


def small(units: tuple[Unit, ...], goals: dict[str, float], **form: tuple[str, ...] | str) -> Catalogue:
    target = Target.model_validate(
        {
            "number": 1,
            "name_vi": "",
            "name_en": "",
            "noun_vi": "",
            "noun_en": "",
            "goals": {"2022-01-01": goals},
            **form,
        }
    )
    return catalogue().model_copy(update={"units": units, "targets": (target,)})


def unit(code: str, **validity: dt.date) -> Unit:
    return Unit(code=code, name_vi=code, name_en=code, sub_units=1, **validity)


def test_a_unit_that_is_gone_keeps_its_share_of_the_province_but_has_no_row_and_no_goal() -> None:
    units = (unit("gone", valid_until=JULY), unit("here"))
    now = {("articles", "gone"): 5, ("articles", "here"): 2}
    rows = progress_rows(small(units, {"gone": 10, "here": 4}, measures=("articles",)), JULY, now, now, now)
    assert [(row.unit, row.achieved, row.goal) for row in rows] == [("here", 2, 4), (PROVINCE, 7, 4)]


def test_no_goal_is_none_and_a_goal_of_zero_gives_no_attainment() -> None:
    units = (unit("without"), unit("zero"))
    now = {("articles", "without"): 3, ("articles", "zero"): 3}
    rows = progress_rows(small(units, {"zero": 0}, measures=("articles",)), JULY, now, {}, {})
    assert [(row.goal, row.attainment) for row in rows] == [(None, None), (0, None), (0, None)]
    assert [row.growth for row in rows] == [None, None, None]


def test_ratio_goals_that_differ_leave_the_province_without_one() -> None:
    units = (unit("a"), unit("b"))
    form: dict[str, tuple[str, ...] | str] = {
        "numerator": ("articles",),
        "denominator": ("households",),
        "parts": "flows",
    }
    now = {("articles", "a"): 1, ("households", "a"): 3}
    shared = progress_rows(small(units, {"a": 0.4, "b": 0.4}, **form), JULY, now, {}, {})
    differ = progress_rows(small(units, {"a": 0.4, "b": 0.5}, **form), JULY, now, {}, {})
    assert [row.goal for row in shared] == [0.4, 0.4, 0.4]
    assert [row.goal for row in differ] == [0.4, 0.5, None]
    assert shared[0].achieved == 1 / 3

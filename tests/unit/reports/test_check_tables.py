"""Tables of units: sums, numbers of units over their goals, the whole of a ratio."""

from dataclasses import replace

import pytest

from services.reports.check.facts import ProjectFacts
from services.reports.check.files import Checked, check_file
from tests.support.notice434 import catalogue

FACTS = ProjectFacts.of(catalogue())


def checked(table: str, facts: ProjectFacts = FACTS) -> Checked:
    return check_file(".csv", table.encode(), facts, "en")


CSV = """target,unit,achieved,goal,percent,units_total,units_over_100
7,,100,1000,10.0,3,2
7,an-lao,60,50,120,,
7,phu-my,30,20,150,,
7,tay-son,10,930,1.1,,
"""
THREE_UNITS = replace(FACTS, unit_counts=frozenset({3}))


def test_units_figures_that_explain_the_total_leave_nothing_to_doubt() -> None:
    assert checked(CSV, facts=THREE_UNITS).findings == []


def test_some_of_the_units_do_not_add_up_to_the_province() -> None:
    assert checked(CSV.replace(",3,2\n", ",,\n").replace("7,tay-son,10,930,1.1,,\n", "")).findings == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("7,,100,", "7,,101,", ["percent", "sum_achieved"]),
        ("1000,10.0", "1001,10.0", ["sum_goal"]),
        (",3,2\n", ",3,1\n", ["units_miscounted"]),
        ("10.0,3", "10.1,3", ["percent"]),
    ],
)
def test_tables(before: str, after: str, expected: list[str]) -> None:
    assert before in CSV
    result = checked(CSV.replace(before, after), facts=THREE_UNITS)
    assert [finding.code for finding in result.findings] == expected


def test_goals_alone_can_show_that_so_many_units_cannot_be_over() -> None:
    table = "target,unit,achieved,goal,units_total,units_over_100\n7,,50,150,3,2\n"
    table += "7,an-lao,,20,,\n7,phu-my,,30,,\n7,tay-son,,100,,\n"
    assert [one.code for one in checked(table, facts=THREE_UNITS).findings] == ["units_goals"]
    assert checked(table.replace("7,,50,", "7,,51,"), facts=THREE_UNITS).findings == []


def test_the_whole_of_a_ratio_is_what_the_other_targets_count() -> None:
    table = "target;achieved;goal\n1;49795;48000\n2;40676;66000\n3;29440;90741\n"
    [finding] = checked(table).findings
    assert (
        finding.describe("en") == "WRONG  line 4, target 3: the whole is printed 90,741, targets 1 + 2 add up to 90,471"
    )
    assert checked(table.replace("90741", "90471")).findings == []


def test_units_are_known_by_code_and_by_full_name() -> None:
    table = "target,unit,achieved\n2,phu-my,4\n2,Thị đoàn An Nhơn,5\n2,toàn tỉnh,9\n"
    assert [claim.unit for claim in checked(table).claims] == ["phu-my", "an-nhon", "province"]

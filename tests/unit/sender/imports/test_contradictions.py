"""Rows of several sheets that speak of one thing."""

from pathlib import Path

import pytest

from services.sender.imports.plan import Plan
from tests.support.import_plans import ACCOUNTS, planned
from tests.support.spreadsheets import Rows, write_workbook


def plan_of_sheets(tmp_path: Path, **sheets: Rows) -> Plan:
    return planned(write_workbook(tmp_path / "book.xlsx", {name: [ACCOUNTS, *rows] for name, rows in sheets.items()}))


def problems(plan: Plan) -> list[tuple[str, int, str]]:
    return [
        (sheet.sheet.name, refusal.row, refusal.complaints[0][1].problem.partition(",")[0])
        for sheet in plan.sheets
        for refusal in sheet.refused
    ]


def test_two_sheets_that_claim_the_same_are_both_refused(tmp_path: Path) -> None:
    plan = plan_of_sheets(
        tmp_path,
        A=[[1, "A1", "Phù Cát", "Đoàn viên", "5/6/2023"]],
        B=[[1, "A1", "Tây Sơn", "Đoàn viên", "5/6/2023"], [2, "A2", "Tây Sơn", "Đoàn viên", "5/6/2023"]],
    )
    assert problems(plan) == [("A", 2, "Contradicts row 2 (“B”)"), ("B", 2, "Contradicts row 2 (“A”)")]
    assert [event["subject"] for event in plan.events] == ["A2"]
    assert [sheet.sheet.name for sheet, _ in plan.places] == ["B"]


def test_a_row_that_another_sheet_repeats_is_sent_once(tmp_path: Path) -> None:
    row = [1, "A1", "Phù Cát", "Đoàn viên", "5/6/2023"]
    plan = plan_of_sheets(tmp_path, A=[row], B=[row])
    assert (len(plan.events), [sheet.repeated for sheet in plan.sheets]) == (1, [[], [2]])


@pytest.mark.parametrize(
    "other", [["A1", "Phù Cát", "Đoàn viên", "6/6/2023"], ["A1", "Tây Sơn", "Người dân", "6/6/2023"]]
)
def test_a_row_about_the_same_with_another_date_is_sent_and_said(tmp_path: Path, other: list[object]) -> None:
    plan = plan_of_sheets(tmp_path, A=[[1, "A1", "Phù Cát", "Đoàn viên", "5/6/2023"], [2, *other]])
    assert len(plan.events) == 2
    assert "another row gives another date or value, the latest date counts: rows 2, 3" in "\n".join(plan.lines())


@pytest.mark.parametrize("spelling", ["tk-01", "TK 01", "TK01", "tk.01"])
def test_another_spelling_of_an_id_is_refused(tmp_path: Path, spelling: str) -> None:
    row = ["Phù Cát", "Đoàn viên", "5/6/2023"]
    plan = plan_of_sheets(tmp_path, A=[[1, "TK-01", *row], [2, spelling, *row], [3, "TK-010", *row]])
    assert problems(plan) == [("A", 3, "Row 2 writes the same as “TK-01”")]
    assert len(plan.events) == 2

"""Rows below a header: records, and the rest of an official table."""

from pathlib import Path

import pytest

from tests.support.import_plans import ACCOUNTS, plan_of
from tests.support.spreadsheets import Rows

GOOD: list[object] = [1, "A1", "An Lão", "Đoàn viên", "1/7/2023"]


@pytest.mark.parametrize(
    "row",
    [
        [None, "Tổng cộng", None, None, 3],
        [None, "Tổng cộng: 03 tài khoản"],
        ["Tổng cộng", 3],
        ["Cộng", None, None, 3],
        [None, None, None, None, 3],
        ["I", "Xã Mỹ An"],
        ["Xã Mỹ An"],
        [None, "1. Tổ 5"],
        [7, None, "An Lão"],
        [None, "NGƯỜI LẬP BIỂU", None, None, "Ngày 30 tháng 6 năm 2023"],
        [None, None, None, "Quy Nhơn, ngày 30 tháng 6 năm 2023"],
        [None, None, None, None, "An Lão, ngày … tháng … năm 2023"],
        [None, "(Ký, ghi rõ họ tên)"],
        [None, "Ghi chú: Đoàn viên chưa mở không ghi"],
        [None, None, "Người lập biểu", "THỦ TRƯỞNG ĐƠN VỊ"],
        ACCOUNTS,
    ],
)
def test_what_is_no_record_is_passed_over_and_listed(tmp_path: Path, row: list[object]) -> None:
    (sheet,) = plan_of(tmp_path, [ACCOUNTS, GOOD, row]).sheets
    assert (sheet.rows, sheet.refused, sheet.passed_over) == ([2], [], [3])


def test_names_below_signatures_are_no_records_and_a_second_page_is_read(tmp_path: Path) -> None:
    rows: Rows = [
        ACCOUNTS,
        GOOD,
        [None, None, "Người lập", "Thủ trưởng"],
        [None, None, "Nguyễn Văn A", "Trần Thị B"],
        ACCOUNTS,
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        [2, "A2", "An Lão", "Đoàn viên", "2/7/2023"],
    ]
    (sheet,) = plan_of(tmp_path, rows).sheets
    assert (sheet.rows, sheet.refused, sheet.passed_over) == ([2, 7], [], [3, 4, 5, 6])


@pytest.mark.parametrize(
    "row",
    [
        [2, None, "An Lão", "Đoàn viên", None],
        [2, None, "An Lão", None, "1/7/2023"],
        [2, None, None, None, "1/7/2023"],
        [2, "A2", None, None, None],
        [2, "chưa có", "An Lão", "Đoàn viên", None],
        ["Tổng Văn A", None, "An Lão", "Đoàn viên", None],
        [2, "=A1&B1", None, None, None],
        [2, "A2", "An Lão", "Đoàn viên", None, "Ghi chú: chưa rõ"],
    ],
)
def test_a_record_with_a_cell_missing_is_refused_not_passed_over(tmp_path: Path, row: list[object]) -> None:
    (sheet,) = plan_of(tmp_path, [[*ACCOUNTS, "Ghi chú"], GOOD, row]).sheets
    assert (sheet.rows, sheet.passed_over) == ([2], [])
    assert [refusal.row for refusal in sheet.refused] == [3]


def test_a_header_without_a_record_below_is_an_error(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [ACCOUNTS, ["Tổng cộng"]])
    assert "no row below it is a record" in plan.unclear["Sheet1"]
    assert plan.sheets == []

"""What a sheet is taken for, and where a person is asked instead."""

from pathlib import Path

import pytest

from services.sender.imports.mapping import SheetMapping
from tests.support.import_plans import ACCOUNTS, plan_of, summary
from tests.support.spreadsheets import Rows

HEADER = ["STT", "Mã tài khoản", "Đơn vị", "Đối tượng", "Ngày", "Lý do"]
ROW = [1, "A1", "An Lão", "Đoàn viên", "1/7/2023"]


def type_of(tmp_path: Path, header: list[str], row: list[object], name: str = "T6") -> str:
    plan = plan_of(tmp_path, [header, row], name=name)
    return plan.sheets[0].layout.type.name if plan.sheets else plan.unclear.get(name) or plan.passed_over[name]


@pytest.mark.parametrize(
    "headings",
    [
        ("Số CCCD", "Ngày mở TK"),
        ("Mã TK", "Ngày kích hoạt"),
        ("Tên tài khoản", "Ngày mở"),
        ("1. Mã tài khoản", "5) Ngày mở"),
        ("Mã TK (*)", "Ngày lập"),
        ("Mã tài khoản:", "Ngày mở / Opened on"),
    ],
)
def test_other_headings_are_known(tmp_path: Path, headings: tuple[str, str]) -> None:
    header = ["STT", headings[0], "Đơn vị", "Đối tượng", headings[1]]
    assert type_of(tmp_path, header, ROW) == "account.opened"


def test_a_date_of_birth_is_no_opening_date(tmp_path: Path) -> None:
    header = ["STT", "Mã tài khoản", "Đơn vị", "Đối tượng", "Ngày/tháng/năm sinh", "Ngày mở TK"]
    plan = plan_of(tmp_path, [header, [*ROW[:4], "05/03/2001", "01/06/2023"]])
    assert summary(plan.events)[0][2] == "2023-06-01"
    assert "“Ngày/tháng/năm sinh”" in "\n".join(plan.lines())


def test_a_number_of_a_person_is_the_id_only_where_nothing_else_is(tmp_path: Path) -> None:
    header = ["Mã hồ sơ", "Số CCCD", "Đơn vị", "Người nộp", "Hình thức nộp", "Được hỗ trợ", "Ngày nộp"]
    row: list[object] = ["H1", "052099000001", "An Lão", "Đoàn viên", "Trực tuyến", "x", "1/7/2023"]
    assert [event["subject"] for event in plan_of(tmp_path, [header, row]).events] == ["H1"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("T6", HEADER),
        ("T6", [*ACCOUNTS, "Ngày giao dịch"]),
        ("Tài khoản", [*ACCOUNTS, "Ngày giao dịch"]),
        ("TK có giao dịch", ACCOUNTS),
        ("DS hủy", [*ACCOUNTS[:4], "Ngày"]),
        ("Tài khoản bị khoá", ACCOUNTS),
        ("T6", ["STT", "Mã tài khoản", "Đơn vị", "Đối tượng", "Ngày mở", "Mã tài khoản"]),
        ("T6", ["STT", "Mã tài khoản", "Đơn vị", "Đối tượng", "Ngày mở", "Đơn vị"]),
    ],
)
def test_what_may_be_two_things_is_refused(tmp_path: Path, name: str, header: list[str]) -> None:
    plan = plan_of(tmp_path, [header, [*ROW, "2/7/2023"]], name=name)
    assert plan.events == []
    assert "mapping file" in plan.unclear[name]


def test_a_title_that_says_an_end_counts_where_the_date_has_no_type(tmp_path: Path) -> None:
    title = ["DANH SÁCH TÀI KHOẢN ĐÓNG"]
    plan = plan_of(tmp_path, [title, [*ACCOUNTS[:4], "Ngày"], ROW])
    assert "says an end" in plan.unclear["Sheet1"]
    assert plan_of(tmp_path, [["Đồng bào, lao động"], [*ACCOUNTS[:4], "Ngày"], ROW]).unclear == {}


def test_a_household_that_is_cancelled_is_not_informed(tmp_path: Path) -> None:
    assert "says an end" in type_of(tmp_path, ["Mã hộ", "Đơn vị", "Ngày"], ["H1", "An Lão", "1/7/2023"], "Hủy hộ")


@pytest.mark.parametrize(
    ("name", "expected"), [("DS đóng TK", "account.closed"), ("DS dong tai khoan", "account.closed"), ("T6", "closed")]
)
def test_a_closed_list_is_read_as_one_where_its_name_says_so(tmp_path: Path, name: str, expected: str) -> None:
    assert expected in type_of(tmp_path, HEADER, [*ROW, "chuyển đi"], name)


def test_a_mapping_decides(tmp_path: Path) -> None:
    mapping = SheetMapping(type="account.opened")
    plan = plan_of(tmp_path, [[*ACCOUNTS, "Ngày giao dịch"], [*ROW, "2/7/2023"]], mapping=mapping)
    assert [event["type"].rpartition("5299.")[2] for event in plan.events] == ["account.opened"]


DOSSIERS = ["Mã hồ sơ", "Đơn vị", "Người nộp", "Hình thức nộp", "Được hỗ trợ", "Ngày nộp"]
DOSSIER = ["H1", "An Lão", "Người dân", "Trực tuyến", "x", "1/7/2023"]


@pytest.mark.parametrize("between", [1, 60])
def test_two_tables_on_one_sheet_are_refused(tmp_path: Path, between: int) -> None:
    accounts: Rows = [[n, f"A{n}", *ROW[2:]] for n in range(1, between + 1)]
    rows: Rows = [["I. TÀI KHOẢN"], ACCOUNTS, *accounts, ["II. HỒ SƠ"], DOSSIERS, DOSSIER]
    plan = plan_of(tmp_path, rows)
    assert plan.events == []
    assert f"rows {between + 4} and 2 are both headers" in plan.unclear["Sheet1"] or (
        f"rows 2 and {between + 4} are both headers" in plan.unclear["Sheet1"]
    )


def test_two_tables_side_by_side_are_refused(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [[*ACCOUNTS, "", *DOSSIERS], [*ROW, "", *DOSSIER]])
    assert plan.events == []
    assert "Đơn vị" in plan.unclear["Sheet1"]


def test_what_is_missing_is_said_with_the_headings_that_were_seen(tmp_path: Path) -> None:
    header = ["STT", "Mã tài khoản", "Đơn vị", "Ngày tốt"]
    said = type_of(tmp_path, header, [1, "A1", "An Lão", "1/7/2023"])
    assert said == (
        "row 1 (“STT”, “Mã tài khoản”, “Đơn vị”, “Ngày tốt”) is no header: no column is its date, such as “Ngày mở”"
    )
    assert "no column is what is counted" in type_of(tmp_path, ["Tên", "Ngày mở"], ["A", "1/7/2023"])


def test_a_sheet_in_an_old_font_code_is_named(tmp_path: Path) -> None:
    assert "TCVN3" in type_of(tmp_path, ["M· tµi kho¶n", "§¬n vÞ", "Ngµy më"], ["A", "B", "1/7/2023"])


def test_slips_of_a_mapping_are_named(tmp_path: Path) -> None:
    rows: Rows = [["Số", "Lập ngày"], ["A1", "1/7/2023"]]
    plan = plan_of(tmp_path, rows, mapping=SheetMapping(columns={"subject": "Số ĐDCN"}))
    assert plan.passed_over["Sheet1"] == "no row has the mapping's column “Số ĐDCN”"
    plan = plan_of(tmp_path, rows, mapping=SheetMapping(header_row=9))
    assert plan.passed_over["Sheet1"] == "the mapping's header_row is 9, but it has 2 rows"

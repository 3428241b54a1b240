"""Real workbooks, from cells to events: what is understood, what is refused and why."""

import datetime as dt
import unicodedata
from pathlib import Path

import pytest

from services.sender.imports.plan import refused_csv
from shared.contracts.ingest import EventRejection
from tests.support.import_plans import ACCOUNTS, AT_9_15, plan_of, planned, summary
from tests.support.spreadsheets import Rows, write_workbook


def test_a_units_sheet_with_titles_merged_cells_numbering_and_a_total(tmp_path: Path) -> None:
    rows: Rows = [
        ["ĐOÀN TNCS HỒ CHÍ MINH TỈNH BÌNH ĐỊNH"],
        ["Danh sách tài khoản mở trong tháng 7 năm 2023"],
        [],
        ["TT", "Mã tài khoản", "Đơn vị", "Đối tượng", "Ngày mở (ngày/tháng/năm)", "Ghi chú"],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
        [1, "TK001", "Thị đoàn An Nhơn", "Đoàn viên", "01/07/2023", None],
        [2, 123456789012, None, "Người dân", AT_9_15, "x"],
        [3, "TK003", "Phù Mỹ", "ĐVTN", 45110, None],
        [],
        ["Tổng cộng", None, None, 3],
        [None, None, None, None, None, "Người lập biểu"],
    ]
    file = write_workbook(tmp_path / "thang7.xlsx", {"DS": rows}, merged=["A1:F1", "A2:F2", "C6:C7"])
    plan = planned(file)
    assert summary(plan.events) == [
        ("account.opened", "TK001", "2023-07-01", {"unit": "an-nhon", "holder": "member"}),
        ("account.opened", "123456789012", "2023-07-02", {"unit": "an-nhon", "holder": "resident"}),
        ("account.opened", "TK003", "2023-07-03", {"unit": "phu-my", "holder": "member"}),
    ]
    (sheet,) = plan.sheets
    assert sheet.layout.header_row == 4
    assert sheet.passed_over == [5, 10, 11]
    assert sheet.refused == []
    shown = "\n".join(plan.lines())
    assert "account.opened, header in row 4: 3 to send, 0 refused" in shown
    assert "time = column E “Ngày mở (ngày/tháng/năm)”" in shown
    assert "not read: “TT”, “Ghi chú”" in shown
    assert "rows 5, 10, 11" in shown


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            ["Account ID", "Date of transaction"],
            ["A1", "2023-07-01"],
            ("account.transacted", "A1", "2023-07-01", None),
        ),
        (
            ["Số tài khoản", "Ngày đóng", "Lý do"],
            ["A1", "1/7/2023", "trùng"],
            ("account.closed", "A1", "2023-07-01", {"reason": "trùng"}),
        ),
        (
            ["Mã hồ sơ", "Đơn vị", "Người nộp", "Hình thức nộp", "Được hỗ trợ", "Ngày nộp"],
            ["H1", "Huyện đoàn Vân Canh", "Người dân", "Trực tuyến", "x", "1.7.2023"],
            (
                "dossier.filed",
                "H1",
                "2023-07-01",
                {"unit": "van-canh", "filer": "resident", "channel": "online", "supported": True},
            ),
        ),
        (
            ["Dossier number", "Unit", "Filer", "Channel", "Supported", "Filed on"],
            ["H1", "Van Canh District Union", "member", "In person", "", "1.7.2023"],
            (
                "dossier.filed",
                "H1",
                "2023-07-01",
                {"unit": "van-canh", "filer": "member", "channel": "counter", "supported": False},
            ),
        ),
        (
            ["Đường link", "Tên đơn vị", "Ngày đăng"],
            ["https://a.vn/1", "TP. Quy Nhơn", "1/7/2023"],
            ("article.published", "https://a.vn/1", "2023-07-01", {"unit": "quy-nhon"}),
        ),
        (
            ["Mã hộ / Household ID", "Đơn vị / Unit", "Ngày / Date"],
            ["HO1", "Đoàn Khối Doanh nghiệp tỉnh", "1/7/2023"],
            ("household.informed", "HO1", "2023-07-01", {"unit": "businesses"}),
        ),
    ],
)
def test_headings_in_both_languages_tell_the_type(
    tmp_path: Path, header: list[str], row: list[object], expected: tuple[str, str, str, object]
) -> None:
    assert summary(plan_of(tmp_path, [header, row]).events) == [expected]


def test_the_sheets_name_tells_the_type_where_headings_do_not(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [["Mã", "Ngày"], ["A1", "1/7/2023"]], name="Giao dịch")
    assert summary(plan.events) == [("account.transacted", "A1", "2023-07-01", None)]


def test_accents_and_composition_do_not_matter(tmp_path: Path) -> None:
    header = [unicodedata.normalize("NFD", cell).upper() for cell in ACCOUNTS]
    row = [1, unicodedata.normalize("NFD", "Số 1"), unicodedata.normalize("NFD", "hoài nhơn"), "DOAN VIEN", "1/7/2023"]
    composed = plan_of(tmp_path, [ACCOUNTS, [1, "Số 1", "Hoài Nhơn", "Đoàn viên", dt.date(2023, 7, 1)]])
    decomposed = plan_of(tmp_path, [header, row])
    assert composed.events == decomposed.events != []


def test_bad_cells_are_named_with_column_and_remedy(tmp_path: Path) -> None:
    rows: Rows = [
        ACCOUNTS,
        [1, "A1", "An Lảo", "Đoàn viên", "32/7/2023"],
        [2, None, "An Lão", "Đoàn viên", "1/7/2023"],
        [3, "A3", "An Lão", "bạn", "1/7/2023"],
        [4, 1234567890123456789, "An Lão", "Đoàn viên", "1/7/2023"],
        [5, "A5", "Nowhere at all", "Đoàn viên", None],
        [6, "A6", "An Lão", "Đoàn viên", "1/7/2023"],
    ]
    (sheet,) = plan_of(tmp_path, rows).sheets
    assert sheet.rows == [7]
    problems = [
        (refusal.row, column, complaint.problem, complaint.remedy)
        for refusal in sheet.refused
        for column, complaint in refusal.complaints
    ]
    assert problems == [
        (2, "E “Ngày mở”", "“32/7/2023” is not a date", "Write day/month/year, for example 31/07/2023"),
        (3, "B “Mã tài khoản”", "The cell is empty", "Fill it in"),
        (4, "D “Đối tượng”", "“bạn” is not understood", "Write one of: “member”, “resident”"),
        (5, "B “Mã tài khoản”", *problems[3][2:]),
        (6, "E “Ngày mở”", "The cell is empty", "Fill it in"),
        (6, "C “Đơn vị”", "There is no unit “Nowhere at all”", "Write the unit's name as in the catalogue"),
    ]
    assert "Excel has rounded the number" in problems[3][2]


def test_a_row_again_is_said_and_a_row_that_contradicts_is_refused(tmp_path: Path) -> None:
    rows: Rows = [
        ACCOUNTS,
        [1, "A1", "An Lão", "Đoàn viên", "1/7/2023"],
        [2, "A1", "an-lao", "member", "01-07-2023"],
        [3, "A2", "An Lão", "Đoàn viên", "1/7/2023"],
        [4, "A2", "Hoài Ân", "Đoàn viên", "1/7/2023"],
        [5, "A3", "An Lão", "Đoàn viên", "1/7/2023"],
        [6, "A3", "Hoài Ân", "Đoàn viên", "2/7/2023"],
    ]
    (sheet,) = plan_of(tmp_path, rows).sheets
    assert (sheet.rows, sheet.repeated) == ([2, 6, 7], [3])
    assert [(refusal.row, refusal.complaints[0][1].problem[:17]) for refusal in sheet.refused] == [
        (4, "Contradicts row 5"),
        (5, "Contradicts row 4"),
    ]


def test_ids_come_from_what_a_row_says_and_the_key_alone(tmp_path: Path) -> None:
    first = plan_of(tmp_path, [ACCOUNTS, [1, "A1", "An Lão", "Đoàn viên", "1/7/2023"]]).events
    moved: Rows = [
        ["Khác"],
        [],
        ["Opened on", "Holder", "Unit", "Account"],
        [dt.date(2023, 7, 1), "member", "an-lao", "A1"],
    ]
    assert plan_of(tmp_path, moved, name="Other").events == first
    corrected = plan_of(tmp_path, [ACCOUNTS, [1, "A1", "Hoài Ân", "Đoàn viên", "1/7/2023"]]).events
    assert corrected[0]["id"] != first[0]["id"]
    assert planned(tmp_path / "book.xlsx", key="another").events[0]["id"] != corrected[0]["id"]
    assert "A1" not in first[0]["id"].upper()


def test_a_missing_column_is_said_with_its_remedy(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [["Mã tài khoản", "Ngày mở", "Đơn vị"], ["A1", "1/7/2023", "An Lão"]])
    assert plan.events == []
    assert "no column is holder: add the column, or a constant" in plan.unclear["Sheet1"]


def test_refused_rows_that_come_back_uncorrected_are_refused_again(tmp_path: Path) -> None:
    rows: Rows = [
        ACCOUNTS,
        [1, "TK1", "An Lão", "Đoàn viên", dt.date(2023, 1, 6)],
        [2, "TK2", "An Lão", "Đoàn viên", "25/06/2023"],
        [3, 520930000012345678, "An Lão", "Đoàn viên", "25/06/2023"],
        [4, 52093000001, "An Lão", "Đoàn viên", "25/06/2023"],
        [5, "TK5", "An Lão", "Đoàn viên", "6/2023"],
    ]
    for times in (1, 2):
        (sheet,) = (plan_of(tmp_path, rows) if times == 1 else planned(tmp_path / "again.csv")).sheets
        assert (len(sheet.events), len(sheet.refused)) == (1 if times == 1 else 0, 4)
        (tmp_path / "again.csv").write_text(refused_csv(sheet), encoding="utf-8-sig", newline="")


def test_what_ingest_rejects_goes_back_to_its_row_and_column(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [ACCOUNTS, *([n, f"A{n}", "An Lão", "member", "1/7/2023"] for n in range(3))])
    details = ["time 2023-07-01 is before the project", "data.unit 'an-lao' is not a unit", "whatever"]
    plan.take_back([EventRejection(index=n, id=None, code="code", detail=detail) for n, detail in enumerate(details)])
    (sheet,) = plan.sheets
    assert [(refusal.row, refusal.complaints[0][0]) for refusal in sheet.refused] == [
        (2, "E “Ngày mở”"),
        (3, "C “Đơn vị”"),
        (4, ""),
    ]

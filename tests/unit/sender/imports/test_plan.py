"""Real workbooks, from cells to events: what is understood, what is refused and why."""

import datetime as dt
import time
import unicodedata
from pathlib import Path

import pytest

from services.sender.batches import Event
from services.sender.imports.mapping import Mapping, MappingError, SheetMapping, read_mapping
from services.sender.imports.plan import Plan, understand
from services.sender.imports.sheets import UnreadableError, read_sheets
from shared.contracts.ingest import EventRejection
from shared.domain.catalogue import load_catalogue
from tests.support.spreadsheets import Rows, write_workbook

SOURCE = "urn:dean5299:reporting"
PREFIX = "vn.gov.binhdinh.dean5299."
AT_9_15 = dt.datetime(2023, 7, 2, 9, 15)  # noqa: DTZ001 - a spreadsheet's cell has no offset
ACCOUNTS = ["TT", "Mã tài khoản", "Đơn vị", "Đối tượng", "Ngày mở"]


def planned(file: Path, mapping: Mapping | None = None, key: str = "key") -> Plan:
    catalogue = load_catalogue(Path("deploy/catalogue"))
    return understand(read_sheets(file), mapping or Mapping(), catalogue, SOURCE, key)


def plan_of(tmp_path: Path, rows: Rows, name: str = "Sheet1", mapping: SheetMapping | None = None) -> Plan:
    file = write_workbook(tmp_path / "book.xlsx", {name: rows})
    return planned(file, Mapping(sheets={name: mapping}) if mapping else None)


def said(events: list[Event]) -> list[tuple[str, str, str, object]]:
    return [(str(e["type"]).removeprefix(PREFIX), e["subject"], e["time"][:10], e.get("data")) for e in events]


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
    assert said(plan.events) == [
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
    assert said(plan_of(tmp_path, [header, row]).events) == [expected]


def test_the_sheets_name_tells_the_type_where_headings_do_not(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [["Mã", "Ngày"], ["A1", "1/7/2023"]], name="Giao dịch")
    assert said(plan.events) == [("account.transacted", "A1", "2023-07-01", None)]


def test_accents_and_composition_do_not_matter(tmp_path: Path) -> None:
    header = [unicodedata.normalize("NFD", cell).upper() for cell in ACCOUNTS]
    row = [1, unicodedata.normalize("NFD", "Số 1"), unicodedata.normalize("NFD", "hoài nhơn"), "DOAN VIEN", "1/7/2023"]
    composed = plan_of(tmp_path, [ACCOUNTS, [1, "Số 1", "Hoài Nhơn", "Đoàn viên", dt.date(2023, 7, 1)]])
    decomposed = plan_of(tmp_path, [header, row])
    assert composed.events == decomposed.events != []


def test_both_date_systems_give_the_same_days(tmp_path: Path) -> None:
    days = [dt.date(2023, 7, 1), AT_9_15]
    plans = []
    for since_1904, serial in ((False, 45110), (True, 45110 - 1462)):
        rows: Rows = [ACCOUNTS, *([n, f"A{n}", "An Lão", "member", day] for n, day in enumerate([*days, serial]))]
        file = write_workbook(tmp_path / f"{since_1904}.xlsx", {"DS": rows}, since_1904=since_1904)
        plans.append(planned(file).events)
    assert plans[0] == plans[1]
    assert [event["time"][:16] for event in plans[0]] == ["2023-07-01T00:00", "2023-07-02T09:15", "2023-07-03T00:00"]


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


def test_a_mapping_gives_what_the_sheet_lacks(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        """
        [sheets."*"]
        type = "account.opened"
        header_row = 2
        columns = { subject = "Số ĐDCN", time = "Lập ngày" }
        constants = { unit = "Thành đoàn Quy Nhơn", holder = "resident" }
        """,
        encoding="utf-8",
    )
    rows = [["Mã tài khoản", "Ngày mở", "Đơn vị"], ["Lập ngày", "Số ĐDCN"], ["1/7/2023", "'052099000001"]]
    file = write_workbook(tmp_path / "book.xlsx", {"Bất kỳ": rows})
    assert said(planned(file, read_mapping(tmp_path / "map.toml")).events) == [
        ("account.opened", "052099000001", "2023-07-01", {"unit": "quy-nhon", "holder": "resident"})
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[sheets", "not readable TOML"),
        ("[sheets.A]\ncolunms = {}", "sheets.A.colunms: Extra inputs"),
        ("[sheets.A]\nheader_row = 0", "sheets.A.header_row"),
    ],
)
def test_a_bad_mapping_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "map.toml").write_text(content, encoding="utf-8")
    with pytest.raises(MappingError, match=complaint):
        read_mapping(tmp_path / "map.toml")


def test_a_mapping_to_no_type_is_named(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [ACCOUNTS], mapping=SheetMapping(type="account.open"))
    assert "'account.open' of the mapping is none of: account.opened" in plan.unclear["Sheet1"]


def test_sheets_without_records_are_passed_over_and_hidden_ones_not_read(tmp_path: Path) -> None:
    accounts: Rows = [ACCOUNTS, [1, "A1", "An Lão", "Đoàn viên", "1/7/2023"]]
    sheets: dict[str, Rows] = {"Hướng dẫn": [["Điền vào trang sau"]], "DS": accounts, "Cũ": accounts}
    plan = planned(write_workbook(tmp_path / "book.xlsx", sheets, hidden="Cũ"))
    assert plan.passed_over == ["Hướng dẫn"]
    assert [sheet.sheet.name for sheet in plan.sheets] == ["DS"]


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-8", "\t")]
)
def test_csv_as_excel_writes_it_in_any_language(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = [delimiter.join(["Danh sách", "", "", "", ""]), delimiter.join(ACCOUNTS)]
    lines.append(delimiter.join(["1", '"A, 1; x"', "An Lão", '"Đoàn viên, thanh niên"', "1/7/2023"]))
    (tmp_path / "ds.csv").write_text("\r\n".join(lines), encoding=encoding, newline="")
    assert said(planned(tmp_path / "ds.csv").events) == [
        ("account.opened", "A, 1; x", "2023-07-01", {"unit": "an-lao", "holder": "member"})
    ]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.xlsx", b"PK\x03\x04 broken", "is not a readable workbook"),
        ("a.xlsx", b"", "is not a readable workbook"),
        ("a.docx", b"hello", "is not a readable workbook"),
        ("a.csv", "Mã tài khoản".encode("cp1258", "replace"), "save it as “CSV UTF-8”"),
        ("a.csv", b'"' + b"x" * 200_000 + b'"', "is not readable"),
    ],
)
def test_what_is_no_spreadsheet_is_said(tmp_path: Path, name: str, content: bytes, complaint: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableError, match=complaint):
        read_sheets(tmp_path / name)


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


def test_a_hundred_thousand_rows_are_understood_in_half_a_minute(tmp_path: Path) -> None:
    lines = (f"{n},TK{n:06},An Lão,Đoàn viên,{1 + n % 28}/5/2023" for n in range(100_000))
    (tmp_path / "ds.csv").write_text("\n".join([",".join(ACCOUNTS), *lines]), encoding="utf-8")
    began = time.monotonic()
    assert len(planned(tmp_path / "ds.csv").events) == 100_000
    assert time.monotonic() - began < 30

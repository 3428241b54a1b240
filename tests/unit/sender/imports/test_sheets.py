"""Sheets of workbooks and CSV files: which are read, in which date system, encoding and delimiter."""

import datetime as dt
from pathlib import Path

import pytest

from services.sender.imports.sheets import UnreadableError, read_sheets
from tests.support.import_plans import ACCOUNTS, AT_9_15, planned, summary
from tests.support.spreadsheets import Rows, write_workbook


def test_both_date_systems_give_the_same_days(tmp_path: Path) -> None:
    days = [dt.date(2023, 7, 1), AT_9_15]
    plans = []
    for since_1904, serial in ((False, 45110), (True, 45110 - 1462)):
        rows: Rows = [ACCOUNTS, *([n, f"A{n}", "An Lão", "member", day] for n, day in enumerate([*days, serial]))]
        file = write_workbook(tmp_path / f"{since_1904}.xlsx", {"DS": rows}, since_1904=since_1904)
        plans.append(planned(file).events)
    assert plans[0] == plans[1]
    assert [event["time"][:16] for event in plans[0]] == ["2023-07-01T00:00", "2023-07-02T09:15", "2023-07-03T00:00"]


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
    assert summary(planned(tmp_path / "ds.csv").events) == [
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
def test_what_is_no_spreadsheet_is_summary(tmp_path: Path, name: str, content: bytes, complaint: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableError, match=complaint):
        read_sheets(tmp_path / name)


def test_many_rows_are_understood_each_as_its_own_event(tmp_path: Path) -> None:
    lines = (f"{n},TK{n:06},An Lão,Đoàn viên,{1 + n % 28}/5/2023" for n in range(5_000))
    (tmp_path / "ds.csv").write_text("\n".join([",".join(ACCOUNTS), *lines]), encoding="utf-8")
    events = planned(tmp_path / "ds.csv").events
    assert len(events) == 5_000
    assert len({event["id"] for event in events}) == 5_000

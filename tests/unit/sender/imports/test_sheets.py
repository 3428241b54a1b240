"""Sheets of workbooks and CSV files: which are read, in which date system, encoding and delimiter."""

import datetime as dt
import io
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
import pytest

from services.sender.imports.reading import read_here, read_sheets
from services.sender.imports.sheets import UnreadableError
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
    assert list(plan.passed_over) == ["Hướng dẫn"]
    assert [sheet.sheet.name for sheet in plan.sheets] == ["DS"]
    assert "Sheet “Cũ”: hidden, not read" in plan.lines()


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-8", "\t"), ("utf-16-le", ";"), ("utf-8", "|")],
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
        ("a.csv", "Ngµy më,M· tµi kho¶n\n".encode("latin-1"), "old font code, TCVN3"),
        ("a.csv", "Ngaøy môû,Maõ taøi khoaûn\n".encode("latin-1"), "old font code, VNI"),
        ("a.xls", b"\xef\xbb\xbf <html><table>", "is a web page, whatever its name says"),
        ("a.xlsx", b"%PDF-1.7", "is a PDF"),
        ("a.xlsx", b"x" + "EncryptedPackage".encode("utf-16-le"), "not a readable workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "has a password"),
    ],
)
def test_what_is_no_spreadsheet_is_summary(tmp_path: Path, name: str, content: bytes, complaint: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableError, match=complaint):
        read_here(tmp_path / name)


def test_many_rows_are_understood_each_as_its_own_event(tmp_path: Path) -> None:
    lines = (f"{n},TK{n:06},An Lão,Đoàn viên,{1 + n % 28}/5/2023" for n in range(5_000))
    (tmp_path / "ds.csv").write_text("\n".join([",".join(ACCOUNTS), *lines]), encoding="utf-8")
    events = planned(tmp_path / "ds.csv").events
    assert len(events) == 5_000
    assert len({event["id"] for event in events}) == 5_000


def test_what_a_file_is_is_told_by_its_content(tmp_path: Path) -> None:
    rows: Rows = [ACCOUNTS, [1, "A1", "An Lão", "Đoàn viên", "1/7/2023"]]
    book = write_workbook(tmp_path / "book.xlsx", {"DS": rows})
    (tmp_path / "book.xls").write_bytes(book.read_bytes())
    (tmp_path / "book.csv").write_bytes(book.read_bytes())
    (tmp_path / "text.xls").write_text("\n".join("\t".join(map(str, row)) for row in rows), encoding="utf-8")
    for name in ("book.xls", "book.csv", "text.xls"):
        assert len(planned(tmp_path / name).events) == 1


def test_windows_1258_is_decoded_where_its_letters_are_vietnamese(tmp_path: Path) -> None:
    text = "Mã tài khoản,Đơn vị,Đối tượng,Ngày mở\nA1,An Lão,Đoàn viên,1/7/2023\n"
    tones = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    parts = "".join(
        unicodedata.normalize(
            "NFC", "".join(each for each in unicodedata.normalize("NFD", letter) if each not in tones)
        )
        + "".join(each for each in unicodedata.normalize("NFD", letter) if each in tones)
        for letter in text
    )
    (tmp_path / "a.csv").write_bytes(parts.encode("cp1258"))
    assert len(planned(tmp_path / "a.csv").events) == 1


def test_a_cell_far_from_the_table_is_named(tmp_path: Path) -> None:
    file = write_workbook(tmp_path / "a.xlsx", {"T6": [ACCOUNTS]})
    book = openpyxl.load_workbook(file)
    book["T6"].cell(1048576, 16384, ".")
    book.save(file)
    with pytest.raises(UnreadableError, match="it reaches to XFD1048576: delete what stands far from the table"):
        read_here(file)


def test_a_file_is_read_in_a_process_of_bounded_memory(tmp_path: Path) -> None:
    rows: Rows = [ACCOUNTS, [1, "A1", "An Lão", "Đoàn viên", AT_9_15]]
    file = write_workbook(tmp_path / "a.xlsx", {"T6": rows})
    assert read_sheets(file) == read_here(file)
    text = io.StringIO()
    text.writelines("x," * 1000 + "\n" for _ in range(50_000))
    (tmp_path / "large.csv").write_text(text.getvalue(), encoding="utf-8")
    with pytest.raises(UnreadableError, match="needs too much memory"):
        read_sheets(tmp_path / "large.csv", memory=2**28)


def test_ods_errors_formulas_and_merged_cells(tmp_path: Path) -> None:
    def cell(content: str = "", **attributes: str) -> str:
        named = "".join(
            f' {name.replace("_", ":", 1).replace("_", "-")}="{value}"' for name, value in attributes.items()
        )
        return f"<table:table-cell{named}>{f'<text:p>{content}</text:p>' if content else ''}</table:table-cell>"

    def text(content: str, **more: str) -> str:
        return cell(content, office_value_type="string", **more)

    rows = [
        "".join(text(heading) for heading in ACCOUNTS),
        text("1") + text("A1") + text("An Lão", table_number_rows_spanned="3") + text("member") + text("1/7/2023"),
        text("2") + text("A2") + "<table:covered-table-cell/>" + text("member") + text("1/7/2023"),
        text("3") + cell(table_formula="of:=[.A1]") + "<table:covered-table-cell/>" + text("member") + text("1/7/2023"),
        text("4") + text("#N/A", calcext_value_type="error") + text("An Lão") + text("member") + text("1/7/2023"),
    ]
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = ' xmlns:calcext="urn:calcext"' + "".join(
        f' xmlns:{name}="{oasis}:{name}:1.0"' for name in ("office", "table", "text")
    )
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("META-INF/manifest.xml", "<manifest/>")
        parts.writestr(
            "content.xml",
            f"<office:document-content{spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="T6">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    (sheet,) = planned(tmp_path / "a.ods").sheets
    assert sheet.rows == [2, 3]
    assert [refusal.complaints[0][1].problem for refusal in sheet.refused] == [
        "The cell holds no value, but “=[.A1]”",
        "The cell holds no value, but “#N/A”",
    ]

"""What a workbook's XML says beside its values: errors, formulas never calculated, months, hidden rows."""

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest

from services.sender.imports.annotations import read_annotations
from services.sender.imports.cells import Fault
from services.sender.imports.reading import read_here
from tests.support.import_plans import ACCOUNTS, planned
from tests.support.spreadsheets import Rows, write_workbook

DOSSIERS = ["Mã hồ sơ", "Đơn vị", "Người nộp", "Hình thức nộp", "Được hỗ trợ", "Ngày nộp"]


def test_formulas_without_a_value_and_errors_are_refused(tmp_path: Path) -> None:
    rows = [["H1", "An Lão", "Người dân", "Trực tuyến", mark, "1/7/2023"] for mark in ("#N/A", "=IF(A1>0,1,0)", "x")]
    (sheet,) = planned(write_workbook(tmp_path / "a.xlsx", {"HS": [DOSSIERS, *rows]})).sheets
    problems = [refusal.complaints[0][1].problem for refusal in sheet.refused]
    assert problems == ["The cell holds no value, but “#N/A”", "The cell holds no value, but “=IF(A1>0,1,0)”"]
    assert sheet.rows == [4]


def test_rows_of_formulas_alone_are_refused_not_passed_over(tmp_path: Path) -> None:
    rows = [[n, f'="TK"&A{n}', "An Lão", "Đoàn viên", f"=DATE(2023,6,A{n})"] for n in range(2, 5)]
    (sheet,) = planned(write_workbook(tmp_path / "a.xlsx", {"T6": [ACCOUNTS, *rows]})).sheets
    assert [refusal.row for refusal in sheet.refused] == [2, 3, 4]


@pytest.mark.parametrize("shown", ["mm/yyyy", "mmm-yy", '"tháng "m/yyyy', "[$-42A]mmmm yyyy;@"])
def test_a_month_that_was_typed_is_no_day(tmp_path: Path, shown: str) -> None:
    file = write_workbook(
        tmp_path / "a.xlsx",
        {"T6": [ACCOUNTS, *([n, f"A{n}", "An Lão", "Đoàn viên", dt.date(2023, 6, n)] for n in (1, 2))]},
    )
    book = openpyxl.load_workbook(file)
    for row in (2, 3):
        book["T6"].cell(row, 5).number_format = shown
    book.save(file)
    (sheet,) = planned(file).sheets
    assert [refusal.complaints[0][1].problem for refusal in sheet.refused] == [
        "The cell shows the month 6/2023 without a day"
    ]
    assert sheet.rows == [3]


def test_an_empty_text_of_a_formula_is_empty_and_hidden_rows_are_known(tmp_path: Path) -> None:
    cells = (
        '<row r="1"><c r="A1" t="str"><f>IF(1,"","x")</f><v></v></c><c r="B1"><f>1+1</f><v>2</v></c></row>'
        '<row r="3" hidden="1"><c t="e"><v>#REF!</v></c><c><f>B1</f></c><c t="inlineStr"><is><t> </t></is></c></row>'
    )
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as parts:
        parts.writestr("xl/_rels/workbook.xml.rels", '<R><Relationship Id="r1" Target="/xl/s.xml"/></R>')
        parts.writestr("xl/workbook.xml", '<w xmlns:r="r"><sheets><sheet name="A" r:id="r1"/></sheets></w>')
        parts.writestr("xl/s.xml", f"<worksheet><sheetData>{cells}</sheetData></worksheet>")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        annotations = read_annotations(parts).sheets["A"]
    assert annotations.faults == {(2, 0): Fault("error", "#REF!"), (2, 1): Fault("uncalculated", "=B1")}
    assert (annotations.hidden_rows, annotations.furthest) == ([3], (3, 3))


def test_an_empty_merge_beyond_the_table_is_read(tmp_path: Path) -> None:
    rows: Rows = [ACCOUNTS, [1, "A1", "An Lão", "Đoàn viên", "1/7/2023"]]
    file = write_workbook(tmp_path / "a.xlsx", {"T6": rows}, merged=["H1:H6", "A8:C12"])
    assert len(read_here(file)[0].rows) == 2

"""CSV texts as tables: delimiters by agreement of the rows, and quotation marks that cannot be trusted."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.csv_table import CsvTableError, read_table

ROWS = [[f"A{n}", "An Nhơn", f"{n}/6/2023", ""] for n in range(1, 6)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_the_rows_agree_on(delimiter: str) -> None:
    rows = [["Mã hộ", "Địa chỉ", "Đơn vị"], *([f"H{n}", f"Tổ {n}, KV3; P. B, TP C", "An Nhơn"] for n in range(5))]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([["Danh sách, tháng 6, năm 2023"], *rows])
    assert read_table(text.getvalue())[1:] == rows


def test_a_separator_that_is_named_is_taken_and_its_line_is_no_row() -> None:
    assert read_table("sep=;\r\na,b;c\r\n") == [["a,b", "c"]]
    assert read_table('"sep=|"\na,b|c') == [["a,b", "c"]]


@pytest.mark.parametrize(
    ("row", "line", "reason"),
    [
        (3, 'A3,An Nhơn,3/6/2023,"màn hình 15', "row 3: a quotation mark"),
        (2, '"A2,An Nhơn,2/6/2023,', "row 2: a quotation mark"),
        (2, 'A2,"An" Nhơn,2/6/2023,', "row 2: a quotation mark"),
    ],
)
def test_an_open_quotation_mark_is_named_with_its_row(row: int, line: str, reason: str) -> None:
    lines = [",".join(each) for each in ROWS]
    lines[row - 1] = line
    with pytest.raises(CsvTableError, match=reason):
        read_table("\n".join(lines))


def test_a_mark_that_is_never_closed_is_found_in_a_long_file() -> None:
    lines = [",".join(each) for each in ROWS] * 5_000
    lines[7] += '"note'
    with pytest.raises(CsvTableError, match=r"row 8: a quotation mark .* is never closed"):
        read_table("\n".join(lines))


@pytest.mark.parametrize("closing", ['A4,An Nhơn,4/6/2023,x"', '"', 'A4,An Nhơn",4/6/2023,'])
def test_rows_between_two_stray_marks_are_missed(closing: str) -> None:
    lines = [",".join(each) for each in ROWS]
    lines[1] += '"note'
    lines[3] = closing
    with pytest.raises(CsvTableError, match=r"row 2: a quotation mark .* swallows the rows after it"):
        read_table("\n".join(lines))


@pytest.mark.parametrize("text", ["Tổ 1,\nKV3", 'Khu "A"', '"', "x" * 200_000, "a\r\nb", ""])
def test_texts_that_are_quoted_rightly_are_read(text: str) -> None:
    rows = [*ROWS, ["A9", text, "9/6/2023", ""]]
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    assert read_table(stream.getvalue()) == rows


@given(st.text())
def test_any_text_is_a_table_or_said_to_be_none(text: str) -> None:
    try:
        read_table(text)
    except CsvTableError:
        return

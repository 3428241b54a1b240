"""Cells as people type them: text, numbers as text."""

import datetime as dt
import unicodedata

import pytest

from services.sender.imports.cells import Cell, InexactNumberError, column_letter, plain, text


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("  TK\u00a0 001\u200b ", "TK 001"),
        (unicodedata.normalize("NFD", "Thị đoàn Hoài Nhơn"), "Thị đoàn Hoài Nhơn"),
        ("'0012", "0012"),
        (123456789012.0, "123456789012"),
        (12, "12"),
        (1.5, "1.5"),
        (True, "true"),
        (dt.datetime(2023, 7, 1), "01/07/2023"),  # noqa: DTZ001 - a spreadsheet's cell has no offset
        (dt.date(2023, 7, 1), "01/07/2023"),
        (dt.time(8, 30), "08:30:00"),
    ],
)
def test_one_form_of_text(cell: Cell, shown: str) -> None:
    assert text(cell) == shown


def test_a_number_that_excel_has_rounded_is_not_taken_for_an_id() -> None:
    with pytest.raises(InexactNumberError):
        text(1234567890123456.0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Đơn vị", "DON VI"),
        (unicodedata.normalize("NFD", "Ngày mở tài khoản"), "ngay mo tai khoan"),
        ("an-nhon", "An Nhơn"),
        ("Đoàn viên, thanh niên", "Đoàn viên / thanh niên"),
    ],
)
def test_words_are_compared_without_case_accents_and_punctuation(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_columns_are_named_as_spreadsheets_do() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]

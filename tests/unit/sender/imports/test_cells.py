"""Cells as people type them: text, numbers as text, dates in every form."""

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sender.imports.cells import Cell, InexactNumberError, NotADateError, column_letter, moment, plain, text


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


@pytest.mark.parametrize(
    "typed",
    [
        "01/07/2023",
        "1/7/2023",
        "1-7-2023",
        "1.7.2023",
        " 01/07/23 ",
        "2023-07-01",
        "2023/7/1",
        "Ngày 01 tháng 7 năm 2023",
        unicodedata.normalize("NFD", "ngày 1 tháng 07 năm 2023"),
        "45108",
        45108,
        45108.0,
        dt.date(2023, 7, 1),
        dt.datetime(2023, 7, 1),  # noqa: DTZ001 - a spreadsheet's cell has no offset
    ],
)
def test_every_form_of_a_day(typed: Cell) -> None:
    assert moment(typed) == "2023-07-01T00:00:00+07:00"


@pytest.mark.parametrize(
    "typed",
    [
        "01/07/2023 14:30",
        "01/07/2023 14:30:00",
        "14:30 01/07/2023",
        "14h30, 1/7/2023",
        "14g30 ngày 1/7/2023",
        "1/7/2023 2:30 PM",
        "1/7/2023 2:30 CH",
        "2023-07-01 14:30",
        "2023-07-01T14:30:00",
        "2023-07-01T14:30:00+07:00",
        45108.604166667,
        dt.datetime(2023, 7, 1, 14, 30),  # noqa: DTZ001 - a spreadsheet's cell has no offset
    ],
)
def test_every_form_of_a_day_with_its_clock(typed: Cell) -> None:
    assert moment(typed) == "2023-07-01T14:30:00+07:00"


def test_an_offset_that_is_stated_stays() -> None:
    assert moment("2023-07-01T14:30:00+00:00") == "2023-07-01T14:30:00+00:00"


def test_the_date_system_of_the_workbook_counts_for_serial_numbers() -> None:
    assert moment(45108 - 1462, since_1904=True) == moment(45108)


@pytest.mark.parametrize(
    "typed",
    ["", "32/07/2023", "07/31/2023", "29/02/2023", "tháng 7", "1/7", "2023", 2023, 7.0, True, dt.time(8), "00/07/2023"],
)
def test_what_is_no_date_is_not_guessed(typed: Cell) -> None:
    with pytest.raises(NotADateError):
        moment(typed)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_typed_serial_and_cell_agree_on_every_day(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    forms: list[Cell] = [
        day,
        serial,
        str(serial),
        day.isoformat(),
        f"{day:%d/%m/%Y}",
        f"{day.day}-{day.month}-{day.year}",
    ]
    assert {moment(form) for form in forms} == {f"{day.isoformat()}T00:00:00+07:00"}


@given(st.text())
def test_any_text_is_a_moment_or_none(typed: str) -> None:
    try:
        read = moment(typed)
    except NotADateError:
        return
    assert dt.datetime.fromisoformat(read).tzinfo is not None

"""Dates in every form people type them, and those that are not guessed."""

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sender.imports.cells import Cell
from services.sender.imports.dates import NotADateError, moment


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
        "1/7/2023.",
        "1-Jul-23",
        "01 July 2023",
        "Jul 1, 2023",
        "01-thg 7-2023",
        "1 thg 7, 2023",
        "1 Th7 2023",
        "T7, 01/07/2023",
        "Thứ Bảy, ngày 1/7/2023",
        "Sat 1 Jul 2023",
        "20230701",
        "01072023",
        20230701,
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
        "14 giờ 30 ngày 01/07/2023",
        "Lúc 14 giờ 30 phút, ngày 1 tháng 7 năm 2023",
        "14h30' 1/7/2023",
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
    assert moment(45108 - 1462, since_1904=True) == moment(str(45108 - 1462), since_1904=True) == moment(45108)


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "CN, 01/07/2023",
            "6/2023",
            "tháng 6/2023",
            "30-Feb-23",
            "2023-W27-1",
            "20231301",
            "01/07/1923",
            "01/07/2203",
        ),
        *(dt.date(1900, 1, 5), dt.date(2203, 7, 1), 20231301, 1072023, float("nan"), float("inf"), "??/07/2023"),
        *(
            "",
            "32/07/2023",
            "07/31/2023",
            "29/02/2023",
            "tháng 7",
            "1/7",
            "2023",
            2023,
            7.0,
            True,
            dt.time(8),
            "00/07/2023",
        ),
    ],
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

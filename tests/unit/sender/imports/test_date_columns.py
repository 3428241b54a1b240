"""What a column of dates tells of the order of day and month."""

import datetime as dt

import pytest

from services.sender.imports.cells import Cell, Fault
from services.sender.imports.complaints import ComplaintError
from services.sender.imports.date_columns import DateReader

JUNE = [dt.date(2023, 6, day) for day in range(1, 31)]


def readings(*column: Cell, since_1904: bool = False) -> list[str]:
    """What is read of each cell: the day, or why it is refused."""
    reader = DateReader(column, since_1904=since_1904)
    shown = []
    for cell in column:
        try:
            shown.append(reader.read(cell)[:10])
        except ComplaintError as error:
            shown.append(error.complaint.problem.partition(":")[0])
    return shown


def test_no_date_of_a_month_first_column_is_taken() -> None:
    shown = readings(*(f"{day.month}/{day.day}/{day.year}" for day in JUNE))
    assert [day for day in shown if day.startswith("2023")] == ["2023-06-06"]
    assert shown[0] == "“6/1/2023” may be month/day"
    assert shown[12] == "“6/13/2023” is not a date"


def test_days_that_excel_swapped_are_doubted_beside_those_it_left_as_text() -> None:
    column: list[Cell] = [dt.date(2023, day.day, 6) if day.day <= 12 else f"{day:%d/%m/%Y}" for day in JUNE]
    shown = readings(*column)
    assert [day for day in shown if not day.startswith("2023-06")] == [
        f"Excel may have taken the day of 06/{day:02}/2023 for the month" for day in range(1, 13) if day != 6
    ]


def test_days_that_excel_took_from_month_first_text_are_doubted_too() -> None:
    assert readings(dt.date(2023, 7, 6), "6/13/2023")[0].startswith("Excel may have taken")


@pytest.mark.parametrize(
    "column",
    [
        [f"{day:%d/%m/%Y}" for day in JUNE],
        [*JUNE],
        [f"{day:%d/%m/%Y}" if day.day % 2 else day for day in JUNE],
        [JUNE[0], JUNE[19], "25/06/2023"],
        [JUNE[0], "02/06/2023", "25/06/2023"],
        ["1/6/2023", "Ngày 25 tháng 6 năm 2023", "2023-06-13"],
    ],
)
def test_a_column_without_a_contradiction_is_read_day_first(column: list[Cell]) -> None:
    assert {day[:7] for day in readings(*column)} == {"2023-06"}


def test_a_typing_error_doubts_nothing_else() -> None:
    assert readings("1/6/2023", "32/06/2023") == ["2023-06-01", "“32/06/2023” is not a date"]


@pytest.mark.parametrize("cell", ["", "#N/A", Fault("error", "#N/A"), Fault("month", "6/2023")])
def test_a_cell_without_a_day_is_no_date(cell: Cell) -> None:
    with pytest.raises(ComplaintError):
        DateReader([cell], since_1904=False).read(cell)

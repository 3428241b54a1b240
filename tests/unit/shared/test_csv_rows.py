"""CSV rows of a model: what is wrong is said with the line, the column and the remedy."""

import datetime as dt

import pytest
from pydantic import BaseModel, ConfigDict

from shared.domain.csv_rows import CsvError, Day, WholeNumber, read_csv


class Count(BaseModel):
    date: Day
    count: WholeNumber
    remark: str = ""


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")

    unit: str


def counts(*lines: str) -> list[tuple[int, Count]]:
    return list(read_csv(lines, Count))


def test_rows_come_with_their_lines_and_other_columns_are_not_read() -> None:
    rows = counts("count,other,date\n", "3,x, 2023-07-01 \n", "\n", " 4 ,,2023-07-02\n")
    assert [(line, row.date, row.count) for line, row in rows] == [
        (2, dt.date(2023, 7, 1), 3),
        (4, dt.date(2023, 7, 2), 4),
    ]


def test_a_row_of_several_lines_counts_as_its_last() -> None:
    ((line, row),) = counts("date,count,remark\n", '2023-07-01,3,"a\n', 'b"\n')
    assert (line, row.remark) == (3, "a\nb")


def test_every_other_column_is_taken_where_the_model_allows_it() -> None:
    ((_, row),) = read_csv(["b,unit,a", "1,an-lao,2"], Anything)
    assert row.model_extra == {"b": "1", "a": "2"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "line 1: no column 'date', 'count'; the header must read date,count[,remark]"),
        (["date,remark"], "line 1: no column 'count'; the header must read date,count[,remark]"),
        (["date,count", "1/7/2023,3"], "line 2, column date: '1/7/2023' is no date; write 2023-07-01"),
        (["date,count", "2023-07-01,3", "2023-07-01,3.5"], "line 3, column count: '3.5' is no whole number; write 31"),
        (["date,count", "2023-07-01"], "line 2, column count: None is no whole number; write 31"),
        (
            ["date,count\n", '2023-07-01,"3\n'],
            "after line 1: unexpected end of data; save the file as plain CSV in UTF-8",
        ),
    ],
)
def test_what_is_wrong_is_named(lines: list[str], message: str) -> None:
    with pytest.raises(CsvError) as caught:
        counts(*lines)
    assert str(caught.value) == message


@pytest.mark.parametrize("row", ["1,an-lao", "1,an-lao,2,3"])
def test_a_row_of_another_width_is_named_where_every_column_counts(row: str) -> None:
    with pytest.raises(CsvError, match="line 2: needs as many fields as the header"):
        list(read_csv(["b,unit,a", row], Anything))

"""Days in a query: written YYYY-MM-DD and far enough from both ends of the calendar, or refused with the remedy."""

import datetime as dt

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.http.parameters import Day

DAY = TypeAdapter(Day)


@pytest.mark.parametrize("text", ["1970-03-01", "2023-06-30", "2024-02-29", "2199-12-31"])
def test_a_day_is_read(text: str) -> None:
    assert DAY.validate_python(text) == dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("0001-01-01", "1970-03-01 to 2199-12-31"),
        ("1970-02-28", "1970-03-01 to 2199-12-31"),
        ("2200-01-01", "1970-03-01 to 2199-12-31"),
        ("9999-12-31", "1970-03-01 to 2199-12-31"),
        ("1688169600", "2023-06-30"),
        ("-1", "2023-06-30"),
        ("20230630", "2023-06-30"),
        ("2023-6-30", "2023-06-30"),
        ("2023-06-30T00:00:00", "2023-06-30"),
        (" 2023-06-30", "2023-06-30"),
        ("٢٠٢٣-٠٦-٣٠", "2023-06-30"),
        ("2023-02-30", "day value is outside expected range"),
        ("", "2023-06-30"),
    ],
)
def test_anything_else_is_refused_with_the_remedy(text: str, remedy: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DAY.validate_python(text)
    assert remedy in caught.value.errors()[0]["msg"]

"""Which days a month covers, and when it is closed how."""

import datetime as dt

import pytest

from shared.domain.months import Cutoff, Month, MonthError, as_of, months_ended, status_on

JUNE = Month(2023, 6)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("month", "cutoff", "expected"),
    [
        ("2023-06", "calendar", "2023-07-01"),
        ("2023-12", "calendar", "2024-01-01"),
        ("2024-02", "calendar", "2024-03-01"),
        ("2023-06", "mid-month", "2023-06-15"),
        ("2023-01", "mid-month", "2023-01-15"),
    ],
)
def test_a_month_ends_at_its_cut_off(month: str, cutoff: Cutoff, expected: str) -> None:
    assert as_of(Month.parse(month), cutoff) == day(expected)


@pytest.mark.parametrize(
    "text", ["2023", "2023-13", "2023-6", "23-06", "2023-06-01", "9999-12", "0000-01", "٢٠٢٣-٠٦", ""]
)
def test_what_is_no_month_is_said(text: str) -> None:
    with pytest.raises(MonthError, match="write it like 2023-06"):
        Month.parse(text)


@pytest.mark.parametrize(
    ("today", "grace", "expected"),
    [
        ("2023-07-01", 5, "provisional"),
        ("2023-07-05", 5, "provisional"),
        ("2023-07-06", 5, "final"),
        ("2023-07-01", 0, "final"),
    ],
)
def test_a_month_is_final_when_the_days_of_grace_are_over(today: str, grace: int, expected: str) -> None:
    assert status_on(day(today), JUNE, "calendar", grace) == expected


def test_a_month_that_is_not_over_cannot_be_closed() -> None:
    with pytest.raises(MonthError, match="2023-06 is not over: it can be closed from 2023-07-01 on"):
        status_on(day("2023-06-30"), JUNE, "calendar", 5)
    assert status_on(day("2023-06-15"), JUNE, "mid-month", 5) == "provisional"


@pytest.mark.parametrize(
    ("since", "today", "cutoff", "expected"),
    [
        ("2023-06-10", "2023-06-30", "calendar", []),
        ("2023-06-10", "2023-07-01", "calendar", ["2023-06"]),
        ("2023-07-01", "2023-07-31", "calendar", []),
        ("2023-11-30", "2024-02-02", "calendar", ["2023-11", "2023-12", "2024-01"]),
        ("2023-06-10", "2023-06-14", "mid-month", []),
        ("2023-06-10", "2023-07-15", "mid-month", ["2023-06", "2023-07"]),
        ("2023-06-15", "2023-07-14", "mid-month", []),
    ],
)
def test_the_schedule_has_every_month_that_ended_since_it_began(
    since: str, today: str, cutoff: Cutoff, expected: list[str]
) -> None:
    assert list(map(str, months_ended(day(since), day(today), cutoff))) == expected

import datetime as dt
from pathlib import Path

import pytest

from shared.domain.calendar import Calendar, CalendarError, days, load_calendar

HOLIDAYS = Path("deploy/calendar/holidays.toml")


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return load_calendar(HOLIDAYS)


def test_the_file_covers_the_project(calendar: Calendar) -> None:
    assert calendar.years == [2022, 2023, 2024, 2025, 2026, 2027]


def test_every_announced_day_is_what_release_0_1_listed_in_full(calendar: Calendar) -> None:
    """That file listed every day; it is still read, and the library with its corrections says the same."""
    listed = load_calendar(Path("tests/data/release-0.1/holidays.toml"))
    assert listed.years == calendar.years
    for day in days(dt.date(calendar.years[0], 1, 1), dt.date(calendar.years[-1], 12, 31)):
        assert calendar.is_holiday(day) == listed.is_holiday(day), day
        assert calendar.is_working_day(day) == listed.is_working_day(day), day
        assert calendar.counts_as(day) == listed.counts_as(day), day


def test_a_year_listed_in_full_stands_in_place_of_the_library(tmp_path: Path) -> None:
    file = tmp_path / "holidays.toml"
    file.write_text("[2024.holidays]\n2024-01-01 = 'x'\n")
    calendar = load_calendar(file)
    assert calendar.is_working_day(dt.date(2024, 2, 9)), "Tet is not in the list"
    assert not calendar.is_working_day(dt.date(2024, 5, 4)), "nor is the Saturday that was worked"


@pytest.mark.parametrize(
    ("since", "until"),
    [("2022-01-31", "2022-02-04"), ("2023-01-20", "2023-01-26"), ("2024-02-08", "2024-02-14")],
)
def test_tet_is_off(calendar: Calendar, since: str, until: str) -> None:
    tet = list(days(dt.date.fromisoformat(since), dt.date.fromisoformat(until)))
    assert all(calendar.is_holiday(day) for day in tet)
    assert not any(calendar.is_working_day(day) for day in tet)
    assert calendar.is_working_day(calendar.next_working_day(tet[-1]))


def test_a_day_off_in_lieu_and_the_saturday_worked_for_it(calendar: Calendar) -> None:
    assert not calendar.is_working_day(dt.date(2024, 4, 29))
    assert calendar.is_working_day(dt.date(2024, 5, 4))
    assert calendar.counts_as(dt.date(2024, 5, 4)) == 4
    assert calendar.counts_as(dt.date(2024, 4, 29)) == 6


def test_working_days_of_a_month(calendar: Calendar) -> None:
    assert len(list(calendar.working_days(dt.date(2023, 6, 1), dt.date(2023, 6, 30)))) == 22
    assert len(list(calendar.working_days(dt.date(2023, 9, 1), dt.date(2023, 9, 30)))) == 19


def test_stepping_over_a_weekend_and_a_holiday(calendar: Calendar) -> None:
    assert calendar.next_working_day(dt.date(2023, 8, 31)) == dt.date(2023, 9, 5)


def test_a_missing_year_names_the_remedy(calendar: Calendar) -> None:
    with pytest.raises(CalendarError, match=r"not 2031: add \[2031\]"):
        calendar.is_working_day(dt.date(2031, 1, 5))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[2023.holidays]\n2024-01-01 = 'x'\n", "move it to"),
        ("[2023.holidays]\n2023-01-01 = 'x'\n[2023.working]\n2023-01-01 = 'x'\n", "both a holiday and worked"),
        ("[2023.holidays]\nyesterday = 'x'\n", "cannot be used"),
        ("[2023", "cannot be used"),
        ("[2026.off]\n2026-08-22 = 'x'\n", "both a holiday and worked"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "holidays.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CalendarError, match=message):
        load_calendar(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match="PULSE_CALENDAR"):
        load_calendar(tmp_path / "none.toml")

"""The Vietnamese calendar: public holidays, swapped days and working days.

The library `holidays` knows the days; one data file says which years are announced and corrects them. A day of a year
the file does not have is an error, never silently an ordinary day: the library would answer for any year.
"""

import datetime as dt
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from shared.domain.clock import ONE_DAY
from shared.domain.errors import ConfigError
from shared.domain.frozen import FrozenModel

SATURDAY = 5

WEEKDAY_WEIGHTS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.1)
"""How much of a working day's work is done on each weekday, Monday to Sunday, as far as nothing else is known."""


class CalendarError(ConfigError):
    """The calendar cannot answer; the message names the year or entry and the remedy."""

    status = 503
    title = "The calendar lacks a year"


class Year(NamedTuple):
    """One year: its days off, and its Saturdays or Sundays worked in exchange."""

    holidays: frozenset[dt.date]
    working: frozenset[dt.date]


class YearTable(FrozenModel):
    """A year in the holidays file: day -> name. `holidays`, where given, stands in place of the library's days."""

    holidays: dict[dt.date, str] | None = None
    off: dict[dt.date, str] = Field(default_factory=dict)
    working: dict[dt.date, str] = Field(default_factory=dict)

    def year(self, number: int) -> Year:
        """The year as announced."""
        library = library_year(number) if self.holidays is None else Year(frozenset(self.holidays), frozenset())
        return Year(library.holidays | self.off.keys(), library.working | self.working.keys())


class Calendar:
    """Answers what sort of day a day is. Immutable; every method raises CalendarError for a year it lacks."""

    def __init__(self, years: dict[int, Year]) -> None:
        self._years = years

    @property
    def years(self) -> list[int]:
        """The years it knows, ascending."""
        return sorted(self._years)

    def is_holiday(self, day: dt.date) -> bool:
        """Whether `day` is a public holiday or a day off in lieu of one."""
        return day in self._year(day).holidays

    def is_working_day(self, day: dt.date) -> bool:
        """Monday to Friday but no holiday, or a weekend day worked in exchange."""
        year = self._year(day)
        if day in year.working:
            return True
        return day.weekday() < SATURDAY and day not in year.holidays

    def counts_as(self, day: dt.date) -> int:
        """The weekday `day` counts as, 0 (Monday) to 6: a holiday as Sunday, a worked weekend as Friday."""
        year = self._year(day)
        if day in year.holidays:
            return 6
        return 4 if day in year.working else day.weekday()

    def working_days(self, since: dt.date, until: dt.date) -> Iterator[dt.date]:
        """The working days from `since` to `until`, both included."""
        return (day for day in days(since, until) if self.is_working_day(day))

    def next_working_day(self, day: dt.date) -> dt.date:
        """The first working day after `day`."""
        day += ONE_DAY
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def _year(self, day: dt.date) -> Year:
        try:
            return self._years[day.year]
        except KeyError:
            known = f"{min(self._years)} to {max(self._years)}" if self._years else "no year"
            raise CalendarError(
                f"the calendar has {known} but not {day.year}: add [{day.year}] to the holidays file, "
                "once its days are announced"
            ) from None


def days(since: dt.date, until: dt.date) -> Iterator[dt.date]:
    """Every day from `since` to `until`, both included; none when `until` comes first."""
    for number in range(since.toordinal(), until.toordinal() + 1):
        yield dt.date.fromordinal(number)


def library_year(number: int) -> Year:
    """What the library knows of a year, announced or not."""
    from holidays import country_holidays  # half a second, which a process without a calendar need not spend

    days_off = country_holidays("VN", years=number)
    worked = frozenset(day for day in days_off.weekend_workdays if day.year == number)
    return Year(frozenset(days_off), worked)


def load_calendar(file: Path) -> Calendar:
    """Read the holidays file: a table per announced year, which may correct or replace the library's days.

    Raises:
        CalendarError: the file is missing or no TOML, or a day stands in the wrong year or is both off and worked.
    """
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        read = TypeAdapter(dict[int, YearTable]).validate_python(tables)
    except OSError as error:
        raise CalendarError(f"cannot read {file}: point PULSE_CALENDAR at the holidays file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise CalendarError(f"{file.name} cannot be used: {error}") from error
    for number, table in read.items():
        for day in (*(table.holidays or ()), *table.off, *table.working):
            if day.year != number:
                raise CalendarError(f"{file.name}: {day} stands under [{number}]; move it to [{day.year}]")
    years = {number: table.year(number) for number, table in read.items()}
    for year in years.values():
        for day in year.holidays & year.working:
            raise CalendarError(f"{file.name}: {day} is both a holiday and worked; keep one")
    return Calendar(years)

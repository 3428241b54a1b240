"""The Vietnamese calendar: public holidays, swapped days and working days, read from one data file.

The file is extended every year, when the days of Tết and the swapped Saturdays are announced. A day of a year
the file does not have is an error, never silently an ordinary day.
"""

import datetime as dt
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from shared.domain.errors import ConfigError

SATURDAY = 5
ONE_DAY = dt.timedelta(days=1)

WEEKDAY_WEIGHTS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.1)
"""How much of a working day's work is done on each weekday, Monday to Sunday, as far as nothing else is known."""


class CalendarError(ConfigError):
    """The calendar cannot answer; the message names the year or entry and the remedy."""

    status = 503
    title = "The calendar lacks a year"


class Year(BaseModel):
    """One year: its days off, and its Saturdays or Sundays worked in exchange, each with a name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    holidays: dict[dt.date, str]
    working: dict[dt.date, str] = {}


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
                f"the calendar has {known} but not {day.year}: add [{day.year}.holidays] to the holidays file"
            ) from None


def days(since: dt.date, until: dt.date) -> Iterator[dt.date]:
    """Every day from `since` to `until`, both included; none when `until` comes first."""
    for number in range(since.toordinal(), until.toordinal() + 1):
        yield dt.date.fromordinal(number)


def load_calendar(file: Path) -> Calendar:
    """Read the holidays file: a table per year with `holidays` and, where days were swapped, `working`.

    Raises:
        CalendarError: the file is missing or no TOML, or a day stands in the wrong year or in both lists.
    """
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        years = TypeAdapter(dict[int, Year]).validate_python(tables)
    except OSError as error:
        raise CalendarError(f"cannot read {file}: point PULSE_CALENDAR at the holidays file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise CalendarError(f"{file.name} cannot be used: {error}") from error
    for number, year in years.items():
        for day in (*year.holidays, *year.working):
            if day.year != number:
                raise CalendarError(f"{file.name}: {day} stands under [{number}]; move it to [{day.year}]")
        for day in year.holidays.keys() & year.working.keys():
            raise CalendarError(f"{file.name}: {day} is both a holiday and worked; keep one")
    return Calendar(years)

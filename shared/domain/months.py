"""Which days a month's figures cover, and when it may be closed. Pure.

`calendar`: the calendar month. `mid-month`: from the 15th of the month before to the 14th of the month, the
reporting period of Decree 09/2019/ND-CP, article 12.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

from shared.domain.errors import InvalidError

Cutoff = Literal["calendar", "mid-month"]
Status = Literal["provisional", "final"]

MID_MONTH = 15

_is_month = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])").fullmatch


class MonthError(InvalidError):
    """Not a month, or one that is not over; the message says which and the remedy."""

    title = "Not possible for this month"


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The month written YYYY-MM.

        Raises:
            MonthError: `text` is written otherwise.
        """
        match = _is_month(text)
        if match is None:
            raise MonthError(f"{text!r} is not a month: write it like 2023-06")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: dt.date) -> Self:
        """The month `day` lies in."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.year, self.number, 1)

    @property
    def last_day(self) -> dt.date:
        return self.next.first_day - dt.timedelta(days=1)

    @property
    def next(self) -> Self:
        return type(self)(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> Self:
        return type(self).of(self.first_day - dt.timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


def month_before(day: dt.date) -> dt.date:
    """The same day of the month before, or that month's last day where it is shorter."""
    last = Month.of(day).previous.last_day
    return last.replace(day=min(day.day, last.day))


def as_of(month: Month, cutoff: Cutoff) -> dt.date:
    """The first day that no longer belongs to `month`: its figures are the state at that moment."""
    return month.first_day.replace(day=MID_MONTH) if cutoff == "mid-month" else month.next.first_day


def months_ended(since: dt.date, today: dt.date, cutoff: Cutoff) -> Iterator[Month]:
    """The months that end after the first moment of `since` and are over at the first moment of `today`, in order."""
    month = Month.of(since)
    while month.first_day <= today:
        if since < as_of(month, cutoff) <= today:
            yield month
        month = month.next


def status_on(today: dt.date, month: Month, cutoff: Cutoff, grace_days: int) -> Status:
    """How a month that is closed on `today` is closed: final once the days of grace for late events are over.

    Raises:
        MonthError: the month is not over yet.
    """
    end = as_of(month, cutoff)
    if today < end:
        raise MonthError(f"{month} is not over: it can be closed from {end} on")
    return "final" if today >= end + dt.timedelta(days=grace_days) else "provisional"

"""Which days a month's figures cover, and when it may be closed. Pure.

`calendar`: the calendar month. `mid-month`: from the 15th of the month before to the 14th of the month, the
reporting period of Decree 09/2019/ND-CP, article 12.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Literal

Cutoff = Literal["calendar", "mid-month"]
Status = Literal["provisional", "final"]

MID_MONTH = 15


class MonthError(ValueError):
    """Not a month, or one that is not over; the message says which and the remedy."""


def as_of(month: str, cutoff: Cutoff) -> dt.date:
    """The first day that no longer belongs to `month` ("2023-06"): its figures are the state at that moment.

    Raises:
        MonthError: `month` is not written YYYY-MM.
    """
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month):
        raise MonthError(f"{month!r} is not a month: write it like 2023-06")
    first = dt.date(int(month[:4]), int(month[5:]), 1)
    if cutoff == "mid-month":
        return first.replace(day=MID_MONTH)
    return (first + dt.timedelta(days=31)).replace(day=1)


def months_ended(since: dt.date, today: dt.date, cutoff: Cutoff) -> Iterator[str]:
    """The months that end after the first moment of `since` and are over at the first moment of `today`, in order."""
    first = since.replace(day=1)
    while first <= today:
        month = f"{first:%Y-%m}"
        if since < as_of(month, cutoff) <= today:
            yield month
        first = (first + dt.timedelta(days=31)).replace(day=1)


def status_on(today: dt.date, month: str, cutoff: Cutoff, grace_days: int) -> Status:
    """How a month that is closed on `today` is closed: final once the days of grace for late events are over.

    Raises:
        MonthError: the month is not over yet.
    """
    end = as_of(month, cutoff)
    if today < end:
        raise MonthError(f"{month} is not over: it can be closed from {end} on")
    return "final" if today >= end + dt.timedelta(days=grace_days) else "provisional"

"""The clock everything is given, so that tests need not wait, and the one time zone days are counted in."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
ONE_DAY = dt.timedelta(days=1)

Clock = Callable[[], dt.datetime]
"""Returns now, with an offset."""


def system_clock() -> dt.datetime:
    """Now, in UTC."""
    return dt.datetime.now(dt.UTC)


def local_day(now: dt.datetime) -> dt.date:
    """The calendar day of `now` in Asia/Ho_Chi_Minh."""
    return now.astimezone(LOCAL).date()


NANOSECONDS_A_DAY = 86_400 * 1_000_000_000
_OFFSET = 7 * 3600 * 1_000_000_000
_EPOCH = dt.date(1970, 1, 1)


def day_number(instant: int) -> int:
    """The local calendar day of an instant (nanoseconds since the epoch), in days since 1970-01-01.

    Plain arithmetic: Asia/Ho_Chi_Minh has been at +07:00 without daylight saving since 1975.
    """
    return (instant + _OFFSET) // NANOSECONDS_A_DAY


def number_of(day: dt.date) -> int:
    """Days from 1970-01-01 to `day`."""
    return (day - _EPOCH).days


def day_of(number: int) -> dt.date:
    """The day that is `number` days after 1970-01-01."""
    return _EPOCH + dt.timedelta(days=number)

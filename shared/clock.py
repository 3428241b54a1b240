"""The clock everything is given, so that tests need not wait, and the one time zone days are counted in."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

Clock = Callable[[], dt.datetime]
"""Returns now, with an offset."""


def system_clock() -> dt.datetime:
    """Now, in UTC."""
    return dt.datetime.now(dt.UTC)


def local_day(now: dt.datetime) -> dt.date:
    """The calendar day of `now` in Asia/Ho_Chi_Minh."""
    return now.astimezone(LOCAL).date()


def month_before(day: dt.date) -> dt.date:
    """The same day of the month before, or that month's last day where it is shorter."""
    last = day.replace(day=1) - dt.timedelta(days=1)
    return last.replace(day=min(day.day, last.day))

"""When digests are written: once per working day, at 07:30 in the province. Pure."""

import datetime as dt
from collections.abc import Callable

from shared.domain.clock import LOCAL

AT = dt.time(7, 30)

IsWorkingDay = Callable[[dt.date], bool]


def digest_due(now: dt.datetime, is_working_day: IsWorkingDay, last: dt.date | None) -> dt.date | None:
    """The day whose digests are to be written at `now`; None before 07:30, on a day off, or when `last` is
    today.

    A notifier that was away at 07:30 catches up later the same day; a day it missed altogether is told of by
    the next digest, for that one's news begin where the last one's ended.
    """
    local = now.astimezone(LOCAL)
    today = local.date()
    if local.time() < AT or not is_working_day(today) or (last is not None and last >= today):
        return None
    return today

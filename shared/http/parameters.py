"""Query parameters that several APIs read."""

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

FIRST_DAY = dt.date(1970, 3, 1)
LAST_DAY = dt.date(2199, 12, 31)
"""Days that can be asked of. Figures compare with up to two months before, and look days ahead."""

_is_day = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII).fullmatch


def _spelled_as_day(value: Any) -> Any:
    """Refuse what pydantic takes for a day as well: seconds since 1970."""
    if isinstance(value, str) and not _is_day(value):
        raise ValueError(f"{value[:32]!r} is not a day: write it like 2023-06-30")
    return value


def _within_calendar(day: dt.date) -> dt.date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{day} is out of range: ask for {FIRST_DAY} to {LAST_DAY}")
    return day


Day = Annotated[
    dt.date, BeforeValidator(_spelled_as_day), AfterValidator(_within_calendar), Field(examples=["2023-06-30"])
]
"""A day written YYYY-MM-DD, far enough from both ends of the calendar to compute with."""

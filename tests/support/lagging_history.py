"""Half a year of steady work by ten units in which one stops for three weeks and the whole province slows down."""

import datetime as dt
from collections.abc import Iterator
from itertools import count

from shared.domain.calendar import load_calendar
from shared.runtime.settings import ROOT
from tests.support.load import UNITS
from tests.support.recount import PREFIX, Event

STEADY = (*UNITS, "tay-son", "phu-my", "hoai-an", "tuy-phuoc", "phu-cat")
LAGGARD = "an-nhon"
SINCE, CHANGED, RUN_DAY, UNTIL = (
    dt.date(2023, 1, 2),
    dt.date(2023, 5, 29),
    dt.date(2023, 6, 20),
    dt.date(2023, 7, 21),
)


def steady_events() -> Iterator[Event]:
    """Five accounts and five households a working day and unit.

    From CHANGED on the LAGGARD opens no account while the others go on, and every unit informs one household a day.
    From RUN_DAY on the LAGGARD opens accounts as before.
    """
    numbers = count(1)
    for day in load_calendar(ROOT / "deploy" / "calendar" / "holidays.toml").working_days(SINCE, UNTIL):
        changed = day >= CHANGED
        for unit in STEADY:
            accounts = 0 if changed and unit == LAGGARD and day < RUN_DAY else 5
            yield from (_event("account.opened", unit, day, next(numbers)) for _ in range(accounts))
            yield from (_event("household.informed", unit, day, next(numbers)) for _ in range(1 if changed else 5))


def _event(name: str, unit: str, day: dt.date, number: int) -> Event:
    return {
        "specversion": "1.0",
        "id": f"steady-{number}",
        "source": "urn:dean5299:reporting",
        "type": f"{PREFIX}{name}",
        "subject": f"{name}-{number}",
        "time": f"{day}T09:00:00+07:00",
        "data": {"unit": unit} | ({"holder": "member"} if name == "account.opened" else {}),
    }

"""The moment the suite runs as of: every process under test and every clock that a test does not set starts there."""

import datetime as dt

from shared.domain.calendar import load_calendar
from shared.domain.clock import local_day
from shared.runtime.settings import ROOT
from tests.support.clock import at, process_clock

DEFAULT = "early-morning"


def moments() -> dict[str, dt.datetime]:
    """The named moments; the notifier evaluates by itself on a working day from 07:30 on."""
    last = max(load_calendar(ROOT / "deploy" / "calendar" / "holidays.toml").years)
    return {
        DEFAULT: at(dt.date(2026, 3, 10), 6),  # a Tuesday
        "working-morning": at(dt.date(2026, 3, 10), 8, 10),
        "sunday": at(dt.date(2026, 3, 15), 9),
        "new-years-eve": at(dt.date(2026, 12, 31), 23, 30),
        "leap-day": at(dt.date(2024, 2, 29), 9),  # a Thursday
        "after-calendar": at(dt.date(last + 1, 1, 1), 8, 10),
    }


def moment_of(name: str) -> dt.datetime:
    """A named moment, or one in ISO 8601 with an offset.

    Raises:
        ValueError: it is neither.
    """
    moment = moments().get(name) or dt.datetime.fromisoformat(name)
    if moment.tzinfo is None:
        raise ValueError(f"{name} has no offset, such as +07:00")
    return moment


def suite_now() -> dt.datetime:
    """Now, by the clock of the processes under test."""
    return process_clock()()


def suite_day() -> dt.date:
    """Its day in the province."""
    return local_day(suite_now())

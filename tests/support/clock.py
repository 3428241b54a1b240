"""Clocks for tests: one that stands where it is put, and one that runs on in every process under test alike."""

import datetime as dt
import os
import time
from dataclasses import dataclass

from shared.domain.clock import LOCAL, Clock, system_clock

NOW = "PULSE_TEST_NOW"
"""Environment variable that only the tests' own process starters read: the moment (ISO 8601) it was at SINCE."""

SINCE = "PULSE_TEST_SINCE"
"""The reading of the machine's monotonic clock then, so that a process started again does not go back in time."""


@dataclass
class FakeClock:
    """A clock that stands where it is put."""

    now: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.now

    def set(self, moment: dt.datetime) -> None:
        self.now = moment

    def advance(self, duration: dt.timedelta) -> None:
        self.now += duration


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """A moment in the province."""
    return dt.datetime.combine(day, dt.time(hour, minute), LOCAL)


def running_from(moment: dt.datetime, since: float) -> Clock:
    """A clock that showed `moment` when the machine's monotonic clock showed `since`, and runs on."""
    return lambda: moment + dt.timedelta(seconds=time.monotonic() - since)


def process_clock() -> Clock:
    """The clock of this process: that of the test run where one is set, else the system's."""
    moment = os.environ.get(NOW)
    return running_from(dt.datetime.fromisoformat(moment), float(os.environ[SINCE])) if moment else system_clock

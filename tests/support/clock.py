"""Clocks for tests: one that stands where it is put, and one that starts at a given moment in a process under test."""

import datetime as dt
import os
import time
from dataclasses import dataclass

from shared.domain.clock import LOCAL, Clock, system_clock

NOW = "PULSE_TEST_NOW"
"""Environment variable that only the tests' own process starters read: the moment (ISO 8601) the process starts at."""


@dataclass
class FakeClock:
    """A clock that stands where it is put."""

    now: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.now


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """A moment in the province."""
    return dt.datetime.combine(day, dt.time(hour, minute), LOCAL)


def running_from(moment: dt.datetime) -> Clock:
    """A clock that shows `moment` now and runs on."""
    began = time.monotonic()
    return lambda: moment + dt.timedelta(seconds=time.monotonic() - began)


def process_clock() -> Clock:
    """The clock of a process under test: from NOW on where it is set, else the system's."""
    moment = os.environ.get(NOW)
    return running_from(dt.datetime.fromisoformat(moment)) if moment else system_clock

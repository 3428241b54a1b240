"""Notifiers for tests: wired as production wires them, on a real store and a real metrics process."""

import datetime as dt
from dataclasses import dataclass
from itertools import batched as _batched  # noqa: F401

from shared.clock import LOCAL


@dataclass
class SetClock:
    """A clock that stands where it is put."""

    now: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.now


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """A moment in the province."""
    return dt.datetime.combine(day, dt.time(hour, minute), LOCAL)

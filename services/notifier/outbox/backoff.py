"""How long to wait before the next attempt, and how often to try."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass

Random = Callable[[], float]
"""Returns a number from 0 up to, not including, 1."""

system_random: Random = random.SystemRandom().random


@dataclass(frozen=True, slots=True)
class BackOff:
    """Doubling waits from `first` up to `longest`, each between half and the whole of its length by chance.

    The lower half is kept so that a burst of failures never retries at once; the upper half is jitter, so that
    the messages of one bad minute do not come back together ("equal jitter": Brooker, AWS Architecture Blog,
    2015).
    The defaults spread 24 attempts over about 17 hours.
    """

    first: dt.timedelta = dt.timedelta(seconds=30)
    longest: dt.timedelta = dt.timedelta(hours=1)
    attempts: int = 24

    def __post_init__(self) -> None:
        if not dt.timedelta() < self.first <= self.longest or self.attempts < 1:
            raise ValueError(f"{self}: `first` must be above 0 and at most `longest`, `attempts` at least 1")

    def wait(self, attempt: int, rng: Random = system_random) -> dt.timedelta:
        """The wait after attempt number `attempt` (1 is the first)."""
        growth = 2.0 ** min(attempt - 1, 62)
        whole = self.first * min(growth, self.longest / self.first)
        return whole * (1 + rng()) / 2

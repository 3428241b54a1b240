"""Spread counts over days by working-day weight, and over the hours in which offices work."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from itertools import accumulate

from shared.domain.calendar import WEEKDAY_WEIGHTS

Moment = int
"""Milliseconds since 1970-01-01T00:00 on the clock of Asia/Ho_Chi_Minh, which has had one offset since 1975."""

OFFSET = "+07:00"

_DAY = 86_400_000
_MORNING = 7 * 3_600_000
_MORNING_LENGTH = 9 * 1_800_000  # 07:00-11:30
_BREAK = 2 * 3_600_000  # 11:30-13:30
_WORK = 8 * 3_600_000  # and 13:30-17:00
_EPOCH = dt.date(1970, 1, 1)

_HOLIDAY_WEIGHT = WEEKDAY_WEIGHTS[6]
_HOLIDAYS = frozenset(
    [
        dt.date(2023, 1, 2),  # New Year's Day fell on a Sunday
        *(dt.date(2023, 1, day) for day in range(20, 27)),  # Tet
        dt.date(2023, 4, 29),  # Hung Kings' Day
        *(dt.date(2023, 5, day) for day in (1, 2, 3)),  # Labour Day, and two days for the lost weekend
    ]
)
"""The public holidays of January to June 2023 as they were taken; other years' days weigh by weekday alone."""


def weight(day: dt.date) -> float:
    """How much of a working day's work is done on `day`."""
    return _HOLIDAY_WEIGHT if day in _HOLIDAYS else WEEKDAY_WEIGHTS[day.weekday()]


def spread(rng: random.Random, increases: Sequence[int], ends: Sequence[dt.date]) -> list[Moment]:
    """Draw `increases[i]` moments in the period before `ends[i]`, in order of time.

    A period begins where the one before it ends; the first on 1 January of its end's year.
    """
    moments: list[Moment] = []
    start = ends[0].replace(month=1, day=1)
    for count, end in zip(increases, ends, strict=True):
        days = list(_days(start, end))
        weights = list(accumulate(weight(day) for day in days))
        chosen = rng.choices(days, cum_weights=weights, k=count) if count else []
        moments += sorted((day - _EPOCH).days * _DAY + _clock(int(rng.random() * (_WORK - 1))) for day in chosen)
        start = end
    return moments


def later_that_day(rng: random.Random, moment: Moment) -> Moment:
    """A moment strictly after `moment`, no later than the offices close."""
    since_opening = moment % _DAY - _MORNING
    worked = since_opening - (_BREAK if since_opening >= _MORNING_LENGTH else 0)
    return moment - moment % _DAY + _clock(rng.randint(worked + 1, _WORK))


def rfc3339(moment: Moment) -> str:
    """`moment` as a CloudEvents `time`: 2023-06-30T16:59:59.123+07:00."""
    return dt.datetime.fromtimestamp(moment / 1000, dt.UTC).isoformat(timespec="milliseconds")[:-6] + OFFSET


def _days(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    for number in range((end - start).days):
        yield start + dt.timedelta(days=number)


def _clock(worked: int) -> int:
    """Milliseconds after midnight at which `worked` milliseconds of the working day have passed."""
    return _MORNING + worked + (_BREAK if worked >= _MORNING_LENGTH else 0)

"""Tracker: lays the filter over the history, and says of every unit and target how likely it lags or surges. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from services.notifier.detection.level_filter import LevelFilter, Rates
from services.notifier.detection.rates import LEARNED_DAYS, SeriesDays, learn
from services.notifier.detection.series import Pair
from services.notifier.detection.target_day import TargetDay

FOLLOWED_DAYS = 240
"""Days before the month from which levels are followed."""
LEAST_EFFECTIVE = 0.02
"""Of a day on which next to nothing is done: an event on it is still no wonder."""

RatesByMonth = dict[tuple[int, tuple[int, ...]], Rates]
"""Learned rates by the first day of the month (ordinal) and the targets they are of."""


class Suspicion(NamedTuple):
    """What the filter makes of one unit: the chances that it lags and surges now.

    `expected` is what its own level and what moved all units expect of the main window, in which `observed` came.
    """

    lag: float
    surge: float
    observed: int
    observed_of: int | None
    expected: float


class _Followed(NamedTuple):
    """A filter on its way through a month, the day its arrays begin, and what it was made of."""

    made_of: tuple[object, ...]
    start: int
    pairs: list[Pair]
    days: SeriesDays
    levels: LevelFilter


class Tracker:
    """The filters of one history. `rates` keeps what a month's first run has learned for the runs after it."""

    def __init__(self, rates: RatesByMonth) -> None:
        self._rates = rates
        self._followed: dict[bool, _Followed] = {}

    def suspicions(self, day: int, month_start: int, targets: Mapping[int, TargetDay]) -> dict[Pair, Suspicion]:
        """Every unit and target with enough days and events to say something, on the morning of `day`."""
        found: dict[Pair, Suspicion] = {}
        for flows in (False, True):
            of_kind = {number: one for number, one in targets.items() if one.flows == flows}
            pairs = [(unit, number) for number, one in of_kind.items() for unit in one.units_followed]
            if pairs:
                found |= self._of_kind(day, month_start, of_kind, pairs, flows)
        return found

    def _of_kind(
        self, day: int, month_start: int, targets: Mapping[int, TargetDay], pairs: list[Pair], flows: bool
    ) -> dict[Pair, Suspicion]:
        followed = self._follow(day, month_start, targets, pairs, flows)
        followed.levels.take(day - followed.start)
        lags, surges = followed.levels.chances()
        levels = followed.levels.levels_now()
        found = {}
        for at, (unit, number) in enumerate(pairs):
            one = targets[number]
            tested = one.tested(unit, float(np.exp(levels[at])))
            if tested is not None:
                found[unit, number] = Suspicion(float(lags[at]), float(surges[at]), *tested)
        return found

    def _follow(
        self, day: int, month_start: int, targets: Mapping[int, TargetDay], pairs: list[Pair], flows: bool
    ) -> _Followed:
        late = any(one.is_late for one in targets.values())
        made_of = month_start, tuple(pairs), day if late else None, tuple(one.first for one in targets.values())
        earlier = self._followed.get(flows)
        if earlier and earlier.made_of == made_of and earlier.levels.days_seen <= day - earlier.start:
            return earlier
        first = min(one.first for one in targets.values())
        start = max(first, month_start - FOLLOWED_DAYS)
        days = _series_days(start, targets, pairs, flows)
        rates = self._rates_of(month_start, tuple(targets), days, month_start - start)
        levels = LevelFilter(days.likelihood(rates.dispersion), days.targets, rates)
        self._followed[flows] = _Followed(made_of, start, pairs, days, levels)
        return self._followed[flows]

    def _rates_of(self, month_start: int, targets: tuple[int, ...], days: SeriesDays, end: int) -> Rates:
        key = month_start, targets
        if key not in self._rates:
            self._rates[key] = learn(days.until(max(0, end), LEARNED_DAYS))
        return self._rates[key]


def _series_days(start: int, targets: Mapping[int, TargetDay], pairs: list[Pair], flows: bool) -> SeriesDays:
    """The days from `start` on; a series has no exposure before its first event."""
    numbers = list(targets)
    counts, exposures = [], []
    for unit, number in pairs:
        one = targets[number]
        done, came = one.daily(unit, start)
        exposure = came if flows else np.maximum(came, LEAST_EFFECTIVE)
        before = max(one.first - start, int(np.argmax(done > 0)) if done.any() else len(done))
        exposure[:before] = 0.0
        counts.append(done)
        exposures.append(exposure)
    which = np.array([numbers.index(number) for _, number in pairs])
    length = min(len(each) for each in exposures)
    return SeriesDays(
        np.array([each[:length] for each in counts]), np.array([each[:length] for each in exposures]), which, flows
    )

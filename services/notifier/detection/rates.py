"""Rates: how much units vary by themselves, learned from all of them at once by maximum likelihood. Pure."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.notifier.detection.level_filter import Kinds, LevelFilter, Rates
from services.notifier.detection.likelihoods import Array, CountDays, Likelihood, ShareDays

LEARNED_DAYS = 120
LEAST_DAYS = 45
FIRST_DAYS = 30
"""Days on which the levels are only being found."""

CHANGES = 0.15 / 184
DRIFTS = np.array((0.04, 0.09, 0.18, 0.36))
CAMPAIGNS = np.array((0.05, 0.15, 0.4, 1.0)) / 30
COUNT_DISPERSIONS = np.array((0.05, 0.15, 0.4, 0.9, 2.0))
SHARE_DISPERSIONS = np.array((0.0005, 0.004, 0.02, 0.06, 0.15))
FIRST_DRIFT, FIRST_CAMPAIGNS, FIRST_DISPERSION, FIRST_SHARE_DISPERSION = 0.1, 0.25 / 30, 0.4, 0.01
PRIOR_EVENTS = 200.0
"""A target's dispersion is shrunk towards that of all targets as if it had so many events more."""

ONE_OF_EACH = Kinds((0.4,), (2.8,))
"""For learning: one factor of either change says the same at half the cost."""


class SeriesDays(NamedTuple):
    """The days of several series: counts, and effective days or (of a ratio of flows) denominators, (series, day).

    `targets` says which target (0, 1, ...) a series is of.
    """

    counts: Array
    exposure: Array
    targets: NDArray[np.int64]
    flows: bool

    def until(self, end: int, days: int) -> "SeriesDays":
        """The last `days` days before `end`."""
        stretch = slice(max(0, end - days), end)
        return self._replace(counts=self.counts[:, stretch], exposure=self.exposure[:, stretch])

    def likelihood(self, dispersion: Array) -> Likelihood:
        """The likelihood under a dispersion per variant and target."""
        kind = ShareDays if self.flows else CountDays
        return kind(self.counts, self.exposure, dispersion[:, self.targets])


def learn(days: SeriesDays) -> Rates:
    """The rates under which `days` are likeliest: dispersion, then drift, then campaigns, each on a few values.

    Between the values the peak is that of a parabola through the three best. Usual rates where there are too few days;
    the drift and the campaigns of shares are the usual ones, for too few series have them.
    """
    targets = int(days.targets.max()) + 1
    dispersion = FIRST_SHARE_DISPERSION if days.flows else FIRST_DISPERSION
    first = Rates(np.full((1, targets), dispersion), np.array((FIRST_DRIFT,)), np.array((FIRST_CAMPAIGNS,)), CHANGES)
    if days.counts.shape[1] < LEAST_DAYS:
        return first
    values = SHARE_DISPERSIONS if days.flows else COUNT_DISPERSIONS
    likely = _likely(days, first, dispersion=np.repeat(values[:, None], targets, axis=1))
    dispersions = _dispersions(values, likely, days)
    known = first._replace(dispersion=dispersions[None])
    if days.flows:
        return known
    known = known._replace(drift=np.array((_peak(DRIFTS, _likely(days, known, drift=DRIFTS).sum(1)),)))
    likely = _likely(days, known, campaigns=CAMPAIGNS)
    return known._replace(campaigns=np.array((_peak(CAMPAIGNS, likely.sum(1)),)))


def _likely(days: SeriesDays, rates: Rates, **values: Array) -> Array:
    """The log-likelihood under each variant of one rate: (variant, target)."""
    variants = len(next(iter(values.values())))
    known = {name: np.repeat(getattr(rates, name), variants, axis=0) for name in ("dispersion", "drift", "campaigns")}
    tried = Rates(**known | values, changes=rates.changes)
    levels = LevelFilter(days.likelihood(tried.dispersion), days.targets, tried, ONE_OF_EACH)
    levels.take(FIRST_DAYS)
    likely = levels.take(days.counts.shape[1])
    return np.stack([likely[:, days.targets == target].sum(1) for target in range(rates.dispersion.shape[1])], axis=1)


def _dispersions(values: Array, likely: Array, days: SeriesDays) -> Array:
    common = np.log(_peak(values, likely.sum(1)))
    events = np.array([days.counts[days.targets == target].sum() for target in range(likely.shape[1])])
    share = events / (events + PRIOR_EVENTS)
    own = np.log([_peak(values, likely[:, target]) for target in range(likely.shape[1])])
    dispersions: Array = np.exp(share * own + (1 - share) * common)
    return dispersions


def _peak(values: Array, likely: Array) -> float:
    """Where a parabola through the likeliest value and its neighbours, over the log of the values, is highest."""
    middle = int(np.clip(np.argmax(likely), 1, len(values) - 2))
    near = np.log(values[middle - 1 : middle + 2])
    curve = np.polyfit(near - near[1], likely[middle - 1 : middle + 2] - likely[middle], 2)
    if curve[0] >= 0:
        return float(values[np.argmax(likely)])
    return float(np.exp(np.clip(near[1] - curve[1] / (2 * curve[0]), near[0], near[2])))

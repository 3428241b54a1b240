"""Evidence: is a window further from the baseline than chance and own drift explain? Pure.

Days are ordinals; windows include both ends.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

import numpy as np
from scipy.special import betainc

from services.notifier.detection.baseline import Baseline, Spread
from services.notifier.detection.series import DailyCounts, Pace
from shared.contracts.flags import Direction

Key = TypeVar("Key")

RATIO_OVERDISPERSION = 2.0
RATIO_DRIFT = 0.15


class Window(NamedTuple):
    """The days tested and the days they are compared with."""

    since: int
    until: int
    base_since: int
    base_until: int


class Sample(NamedTuple):
    """One unit's counts in a window before the province is looked at; `of` are the denominators of a ratio."""

    window: Window
    observed: int
    base: int
    base_effective: float
    expected: float
    observed_of: int | None = None
    base_of: int | None = None


class TailProbabilities(NamedTuple):
    """A sample with the province's factor taken into `expected`, and how likely chance alone is on either
    side.
    """

    sample: Sample
    province_factor: float
    expected: float
    overdispersion: float | None
    drift: float | None
    p_lag: float
    p_surge: float


class StrongestEvidence(NamedTuple):
    """The strongest evidence of either direction over all windows in which the unit is testable."""

    lag: TailProbabilities
    surge: TailProbabilities

    @property
    def direction(self) -> Direction:
        """The likelier one."""
        return "lag" if self.lag.p_lag <= self.surge.p_surge else "surge"

    @property
    def stronger(self) -> TailProbabilities:
        """That of the likelier direction."""
        return self.lag if self.direction == "lag" else self.surge

    @property
    def p(self) -> float:
        """Two-sided."""
        return min(1.0, 2 * min(self.lag.p_lag, self.surge.p_surge))


def windows(day: int, first: int, lengths: tuple[int, ...], base_days: int, least_base_days: int) -> list[Window]:
    """The windows that end the day before `day` and have enough base behind them since `first`."""
    known = []
    for length in lengths:
        base_until = day - length - 1
        base_since = max(first, base_until - base_days + 1)
        if base_until - base_since + 1 >= least_base_days:
            known.append(Window(day - length, day - 1, base_since, base_until))
    return known


def count_sample(series: DailyCounts, pace: Pace, window: Window, base: Baseline) -> Sample:
    """What a count target shows in the window, and what its baseline expects there."""
    expected = base.level * pace.effective(window.since, window.until)
    return Sample(window, series.count(window.since, window.until), base.events, base.effective, expected)


def flow_sample(numerator: DailyCounts, denominator: DailyCounts, window: Window) -> Sample | None:
    """What a ratio of flows shows; None where either denominator is below ten."""
    observed_of = denominator.count(window.since, window.until)
    base_of = denominator.count(window.base_since, window.base_until)
    if min(observed_of, base_of) < 10:
        return None
    base = numerator.count(window.base_since, window.base_until)
    observed = numerator.count(window.since, window.until)
    return Sample(window, observed, base, 0.0, base / base_of * observed_of, observed_of, base_of)


def count_tails(
    sample: Sample, series: DailyCounts, pace: Pace, spread: Spread, factor: float, campaign: int
) -> TailProbabilities:
    """Gamma-Poisson tails of a count.

    The baseline is a gamma variable (mean from the base; variance from the base's own noise and the unit's
    drift), the count Poisson around it after scaling by the overdispersion, so its tail is the negative
    binomial's: P(X <= x) = I_pi(kappa, x + 1) (Johnson, Kemp and Kotz, Univariate Discrete Distributions,
    2005, 5.6). A surge is tested without the `campaign` best consecutive days of the window: a few days'
    campaign is not a surge.
    """
    mu = sample.expected * factor
    level = (sample.base + 0.5) / sample.base_effective
    psi = spread.overdispersion(level)
    kappa = 1 / (psi / (sample.base + 0.5) + spread.drift**2)
    p_lag = p_surge = 1.0
    if sample.observed < mu:
        p_lag = _tail(sample.observed / psi + 1, kappa, mu / psi)
    elif sample.observed > mu:
        count, effective = best_days(series, pace, sample.window, level * factor, campaign)
        rest, rest_expected = sample.observed - count, mu - level * factor * effective
        if rest > 0 and rest_expected > 0:
            p_surge = 1 - _tail(rest / psi, kappa, rest_expected / psi)
    return TailProbabilities(sample, factor, mu, psi, spread.drift, p_lag, p_surge)


def _tail(x: float, kappa: float, mean: float) -> float:
    return float(betainc(kappa, x, kappa / (kappa + mean)))


def best_days(series: DailyCounts, pace: Pace, window: Window, level: float, length: int) -> tuple[int, float]:
    """The `length` consecutive days furthest above `level`: their count and their effective days."""
    furthest, best = -math.inf, (0, 0.0)
    for start in range(window.since, window.until - length + 2):
        count = series.count(start, start + length - 1)
        effective = pace.effective(start, start + length - 1)
        if count - level * effective > furthest:
            furthest, best = count - level * effective, (count, effective)
    return best


def flow_tails(sample: Sample, factor: float) -> TailProbabilities:
    """Two-proportion z-test of a ratio of flows, its variance doubled for overdispersion, with a drift of 15 %.

    z = (n_W/d_W - g n_R/d_R) / sqrt(2 p(1-p)(1/d_W + 1/d_R) + (0.15 p(1-p))^2), p pooled (Fleiss, Levin and
    Paik, Statistical Methods for Rates and Proportions, 2003, 3).
    """
    denominator, base_denominator = sample.observed_of or 0, sample.base_of or 0
    pooled = (sample.observed + sample.base) / (denominator + base_denominator)
    noise = max(0.0, pooled * (1 - pooled))
    variance = RATIO_OVERDISPERSION * noise * (1 / denominator + 1 / base_denominator) + (RATIO_DRIFT * noise) ** 2
    difference = sample.observed / denominator - factor * sample.base / base_denominator
    z = difference / math.sqrt(variance) if variance else 0.0
    return TailProbabilities(
        sample,
        factor,
        sample.expected * factor,
        RATIO_OVERDISPERSION,
        RATIO_DRIFT,
        p_lag=0.5 * math.erfc(-z / math.sqrt(2)),
        p_surge=0.5 * math.erfc(z / math.sqrt(2)),
    )


def q_values(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """The smallest false discovery rate at which each test would be called a discovery.

    Source: Benjamini and Hochberg, J. R. Statist. Soc. B 57 (1995), 289-300; the step-up procedure written as
    adjusted values: q(i) = min over j >= i of p(j) m / j, at most 1.
    """
    keys, p = list(p_values), np.fromiter(p_values.values(), dtype=float)
    order = np.argsort(-p, kind="stable")
    ranks = np.arange(len(p), 0, -1)
    adjusted = np.minimum(1.0, np.minimum.accumulate(p[order] * len(p) / ranks))
    return {keys[place]: q for place, q in zip(order.tolist(), adjusted.tolist(), strict=True)}

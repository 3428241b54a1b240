"""The test of one unit and target: is the window further from the usual than chance and own drift explain?

Days are ordinals; windows include both ends.
"""

import math
from typing import NamedTuple

from services.notifier.detection.baseline import Spread, Usual
from services.notifier.detection.incomplete_beta import incomplete_beta
from services.notifier.detection.pace import Pace
from services.notifier.detection.series import Series

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


class Tested(NamedTuple):
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


def windows(day: int, first: int, lengths: tuple[int, ...], base_days: int, least_base_days: int) -> list[Window]:
    """The windows that end the day before `day` and have enough base behind them since `first`."""
    found = []
    for length in lengths:
        base_until = day - length - 1
        base_since = max(first, base_until - base_days + 1)
        if base_until - base_since + 1 >= least_base_days:
            found.append(Window(day - length, day - 1, base_since, base_until))
    return found


def count_sample(series: Series, pace: Pace, window: Window, base: Usual) -> Sample:
    """What a count target shows in the window, and what its usual level expects there."""
    expected = base.level * pace.effective(window.since, window.until)
    return Sample(window, series.done(window.since, window.until), base.events, base.effective, expected)


def flow_sample(numerator: Series, denominator: Series, window: Window) -> Sample | None:
    """What a ratio of flows shows; None where either denominator is below ten."""
    observed_of = denominator.done(window.since, window.until)
    base_of = denominator.done(window.base_since, window.base_until)
    if min(observed_of, base_of) < 10:
        return None
    base = numerator.done(window.base_since, window.base_until)
    observed = numerator.done(window.since, window.until)
    return Sample(window, observed, base, 0.0, base / base_of * observed_of, observed_of, base_of)


def count_tails(sample: Sample, series: Series, pace: Pace, spread: Spread, factor: float, campaign: int) -> Tested:
    """Gamma-Poisson tails of a count.

    The usual level is a gamma variable (mean from the base; variance from the base's own noise and the unit's
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
    return Tested(sample, factor, mu, psi, spread.drift, p_lag, p_surge)


def _tail(x: float, kappa: float, mean: float) -> float:
    return incomplete_beta(kappa / (kappa + mean), kappa, x)


def best_days(series: Series, pace: Pace, window: Window, level: float, length: int) -> tuple[int, float]:
    """The `length` consecutive days furthest above `level`: their count and their effective days."""
    best, found = -math.inf, (0, 0.0)
    for start in range(window.since, window.until - length + 2):
        count = series.done(start, start + length - 1)
        effective = pace.effective(start, start + length - 1)
        if count - level * effective > best:
            best, found = count - level * effective, (count, effective)
    return found


def flow_tails(sample: Sample, factor: float) -> Tested:
    """Two-proportion z-test of a ratio of flows, its variance doubled for overdispersion, with a drift of 15
    %.

    z = (n_W/d_W - g n_R/d_R) / sqrt(2 p(1-p)(1/d_W + 1/d_R) + (0.15 p(1-p))^2), p pooled (Fleiss, Levin and
    Paik, Statistical Methods for Rates and Proportions, 2003, 3).
    """
    of, base_of = sample.observed_of or 0, sample.base_of or 0
    pooled = (sample.observed + sample.base) / (of + base_of)
    noise = max(0.0, pooled * (1 - pooled))
    variance = RATIO_OVERDISPERSION * noise * (1 / of + 1 / base_of) + (RATIO_DRIFT * noise) ** 2
    difference = sample.observed / of - factor * sample.base / base_of
    z = difference / math.sqrt(variance) if variance else 0.0
    return Tested(
        sample,
        factor,
        sample.expected * factor,
        RATIO_OVERDISPERSION,
        RATIO_DRIFT,
        p_lag=0.5 * math.erfc(-z / math.sqrt(2)),
        p_surge=0.5 * math.erfc(z / math.sqrt(2)),
    )

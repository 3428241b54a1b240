"""How likely a day is at a level: of counts, and of a ratio's numerators given its denominators. Pure.

Levels are logs: of events per effective day, or of the share of the denominator. Arrays have the axes variant (of the
rates), series, and step of the level where there is one.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Array = NDArray[np.floating[Any]]

LEAST_SHARE, MOST_SHARE = 1e-4, 0.985
FIRST_LEVEL_DAYS = 30


class Likelihood(Protocol):
    """The days of several series, under one dispersion per variant and series."""

    length: int

    def first_levels(self) -> Array:
        """The level of each series' first month, to begin with: (series,)."""

    def table(self, at: int, levels: Array, factors: Array, variances: Array | None = None) -> Array:
        """The log-likelihood of day `at` at `levels` (variant, series) + `factors` (step,).

        Where `variances` of the levels are given, they add to the dispersion, and a term that is the same for all
        factors is left out.
        """


class CountDays:
    """Negative binomial counts with mean exp(level) x effective days and variance mean + dispersion x mean^2.

    `counts` and `effective` are (series, day), `dispersion` is (variant, series).
    """

    def __init__(self, counts: Array, effective: Array, dispersion: Array) -> None:
        self.length = counts.shape[1]
        seen = effective > 0
        counts = np.where(seen, counts, 0.0)
        self._counts, self._effective, self._dispersion, self._seen = counts, effective, dispersion, seen
        shape = 1 / dispersion[..., None]
        combinations = gammaln(counts + shape) - gammaln(shape) - gammaln(counts + 1)
        self._constant = np.where(seen, combinations - counts * np.log(shape), 0.0)
        self._log_effective = np.log(np.where(seen, effective, 1.0))

    def first_levels(self) -> Array:
        first = _first_days(self._effective)
        counts, effective = (self._counts * first).sum(1), (self._effective * first).sum(1)
        levels: Array = np.log((counts + 0.5) / np.maximum(effective, 0.5))
        return levels

    def table(self, at: int, levels: Array, factors: Array, variances: Array | None = None) -> Array:
        dispersion = self._dispersion if variances is None else self._dispersion + variances
        counts, means = self._counts[:, at], levels + self._log_effective[:, at]
        scaled = (np.exp(means) * dispersion * self._seen[:, at]).astype(np.float32)
        trials = (counts + 1 / dispersion).astype(np.float32)
        log_terms = np.log1p(scaled[..., None] * np.exp(factors).astype(np.float32))
        ahead = counts.astype(np.float32)[:, None] * factors.astype(np.float32)
        table: Array = ahead - trials[..., None] * log_terms
        return table if variances is not None else table + (counts * means + self._constant[..., at])[..., None]


class ShareDays:
    """Beta-binomial numerators with mean share exp(level) of the denominators; `dispersion` as 1 / (a + b).

    Source: Johnson, Kemp and Kotz, Univariate Discrete Distributions, 2005, 6.2.2.
    """

    def __init__(self, counts: Array, denominators: Array, dispersion: Array) -> None:
        self.length = counts.shape[1]
        self._counts, self._of, self._dispersion = counts, np.maximum(denominators, counts), dispersion
        total = 1 / dispersion[..., None]
        combinations = gammaln(self._of + 1) - gammaln(counts + 1) - gammaln(self._of - counts + 1)
        self._constant = combinations - gammaln(self._of + total) + gammaln(total)

    def first_levels(self) -> Array:
        first = _first_days(self._of)
        shares = ((self._counts * first).sum(1) + 1) / ((self._of * first).sum(1) + 3)
        levels: Array = np.log(np.clip(shares, 0.03, 0.9))
        return levels

    def table(self, at: int, levels: Array, factors: Array, variances: Array | None = None) -> Array:
        dispersion = self._dispersion
        if variances is not None:
            share = np.clip(np.exp(levels), LEAST_SHARE, MOST_SHARE)
            dispersion = dispersion + variances * share / (1 - share)
        total = 1 / dispersion[..., None]
        a = np.clip(np.exp(levels[..., None] + factors), LEAST_SHARE, MOST_SHARE) * total
        b = total - a
        counts, rest = self._counts[:, at, None], (self._of - self._counts)[:, at, None]
        table: Array = gammaln(counts + a) - gammaln(a) + gammaln(rest + b) - gammaln(b)
        return table if variances is not None else table + self._constant[..., at, None]


def _first_days(exposure: Array) -> NDArray[np.bool_]:
    """The first days of each series, from the first that it has."""
    has = exposure > 0
    start = np.argmax(has, axis=1)[:, None]
    at = np.arange(exposure.shape[1])
    first: NDArray[np.bool_] = has & (at >= start) & (at < start + FIRST_LEVEL_DAYS)
    return first

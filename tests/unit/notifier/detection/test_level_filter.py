"""The filter on ten units of one target that are drawn from its own model, and what then happens to one of them."""

import numpy as np
import pytest

from services.notifier.detection.level_filter import LevelFilter, Rates
from services.notifier.detection.likelihoods import Array, CountDays, ShareDays
from services.notifier.detection.rates import SeriesDays, learn

UNITS, LENGTH, CHANGE = 10, 160, 130
LEVEL, DISPERSION = 6.0, 0.15
NO_DAYS = slice(0)
TARGETS = np.zeros(UNITS, dtype=np.int64)
EFFECTIVE = np.tile([1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.1], (UNITS, LENGTH // 7 + 1))[:, :LENGTH]
RATES = Rates(np.full((1, 1), DISPERSION), np.array([0.1]), np.array([0.25 / 30]), 0.15 / 184)


def drawn(seed: int = 1, drift: float = 0.0, factor: float = 1.0, days: slice = NO_DAYS) -> Array:
    """Negative binomial days at one level, times `factor` on `days` of the first unit, or with a level that drifts."""
    rng = np.random.default_rng(seed)
    paths = np.exp(np.cumsum(rng.normal(0, drift / np.sqrt(30), (UNITS, LENGTH)), axis=1))
    paths[0, days] *= factor
    return rng.poisson(rng.gamma(1 / DISPERSION, LEVEL * EFFECTIVE * paths * DISPERSION)).astype(float)


def followed(counts: Array, until: int = LENGTH, rates: Rates = RATES) -> LevelFilter:
    levels = LevelFilter(CountDays(counts, EFFECTIVE, rates.dispersion[:, TARGETS]), TARGETS, rates)
    levels.take(until)
    return levels


def thinned(counts: Array, share: float, units: slice, days: slice) -> Array:
    changed = counts.copy()
    changed[units, days] = np.random.default_rng(2).binomial(counts[units, days].astype(int), share)
    return changed


def test_nothing_happens_and_nobody_is_suspected() -> None:
    lag, surge = followed(drawn()).chances()
    assert max(lag.max(), surge.max()) < 0.2


def test_a_unit_at_two_fifths_lags_and_its_usual_level_stays() -> None:
    levels = followed(drawn(factor=0.4, days=slice(CHANGE, None)))
    lag, surge = levels.chances()
    assert lag[0] > 0.7
    assert lag[1:].max() < 0.2
    assert surge.max() < 0.2
    assert np.exp(levels.levels_now()[0]) == pytest.approx(LEVEL, rel=0.35)


def test_a_unit_at_three_times_surges_and_a_campaign_of_four_days_does_not() -> None:
    surging, campaign = drawn(factor=3, days=slice(CHANGE, None)), drawn(factor=4, days=slice(CHANGE, CHANGE + 4))
    assert followed(surging).chances().surge[0] > 0.7
    assert followed(campaign, CHANGE + 14).chances().surge[0] < 0.3


def test_what_all_units_do_is_nobody_s_lag() -> None:
    lag, _ = followed(thinned(drawn(), 0.5, slice(None), slice(CHANGE, None))).chances()
    assert lag.max() < 0.35


def test_nothing_looks_ahead() -> None:
    counts = drawn()
    later = counts.copy()
    later[:, CHANGE:] = 0
    assert followed(counts, CHANGE).chances().lag == pytest.approx(followed(later, CHANGE).chances().lag)


def test_days_not_known_say_nothing() -> None:
    unseen = EFFECTIVE.copy()
    unseen[:, CHANGE:] = 0
    likelihood = CountDays(drawn(), unseen, RATES.dispersion[:, TARGETS])
    levels = LevelFilter(likelihood, TARGETS, RATES)
    levels.take(CHANGE)
    assert levels.take(LENGTH) == pytest.approx(0, abs=1e-4)


def test_a_share_that_falls_by_half_lags() -> None:
    rng = np.random.default_rng(3)
    of = rng.poisson(12 * EFFECTIVE).astype(float)
    counts = rng.binomial(of.astype(int), 0.4).astype(float)
    rates = RATES._replace(dispersion=np.full((1, 1), 0.005))

    def chances(numerators: Array) -> tuple[Array, Array]:
        levels = LevelFilter(ShareDays(numerators, of, rates.dispersion[:, TARGETS]), TARGETS, rates)
        levels.take(LENGTH)
        return levels.chances()

    assert max(each.max() for each in chances(counts)) < 0.2
    assert chances(thinned(counts, 0.5, slice(0, 1), slice(CHANGE, None)))[0][0] > 0.7


def test_rates_are_found_again() -> None:
    calm = learn(SeriesDays(drawn(5), EFFECTIVE, TARGETS, flows=False))
    moving = learn(SeriesDays(drawn(5, drift=0.4), EFFECTIVE, TARGETS, flows=False))
    assert calm.dispersion[0, 0] == pytest.approx(DISPERSION, rel=0.3)
    assert calm.drift[0] < 0.12
    assert moving.drift[0] == pytest.approx(0.36, rel=0.3)


def test_too_few_days_have_the_usual_rates() -> None:
    rates = learn(SeriesDays(drawn()[:, :40], EFFECTIVE[:, :40], TARGETS, flows=False))
    assert (rates.dispersion[0, 0], rates.drift[0]) == (0.4, 0.1)

import datetime as dt
from pathlib import Path

import pytest
from scipy.stats import nbinom

from services.notifier.detection.baseline import Baseline, Spread
from services.notifier.detection.comparison import ObservedExpected, province_factor
from services.notifier.detection.evidence import (
    Window,
    best_days,
    count_sample,
    count_tails,
    flow_sample,
    flow_tails,
    windows,
)
from services.notifier.detection.series import DailyCounts, Days, Pace
from services.notifier.detection.verdicts import sign_test
from shared.domain.calendar import load_calendar

FIRST = dt.date(2023, 2, 6)
DAYS = Days(load_calendar(Path("deploy/calendar/holidays.toml")), FIRST, FIRST + dt.timedelta(days=199))
PACE = Pace(DAYS, (1, 1, 1, 1, 1, 1, 1))
START = DAYS.first
WINDOW = Window(START + 120, START + 140, START + 20, START + 119)
SPREAD = Spread(0.1, 0.2)


def counts(base: int, window: int) -> DailyCounts:
    return DailyCounts(START, [base] * 120 + [window] * 21 + [0] * 59)


def test_the_lag_tail_is_the_negative_binomial_s() -> None:
    sample = count_sample(counts(2, 1), PACE, WINDOW, Baseline(200, 100.0))
    tested = count_tails(sample, counts(2, 1), PACE, Spread(0.0, 0.2), 1.0, 5)
    kappa = 1 / (1 / 200.5 + 0.2**2)
    assert tested.expected == pytest.approx(2.005 * 21)
    assert tested.p_surge == 1
    assert tested.p_lag == pytest.approx(nbinom.cdf(21, kappa, kappa / (kappa + 2.005 * 21)))


def test_thirty_to_eighty_means_a_lot_and_one_to_four_little() -> None:
    small = DailyCounts(START, [0] * 119 + [1] + [1] * 4 + [0] * 76)
    sample = count_sample(small, PACE, WINDOW, Baseline(5, 100.0))
    assert count_tails(sample, small, PACE, SPREAD, 1.0, 0).p_surge > 0.02
    large = counts(2, 6)
    sample = count_sample(large, PACE, WINDOW, Baseline(200, 100.0))
    assert count_tails(sample, large, PACE, SPREAD, 1.0, 5).p_surge < 0.001


def test_a_campaign_of_five_days_is_no_surge() -> None:
    campaign = DailyCounts(START, [2] * 125 + [14] * 5 + [2] * 70)
    sample = count_sample(campaign, PACE, WINDOW, Baseline(200, 100.0))
    assert sample.observed == 102
    assert count_tails(sample, campaign, PACE, SPREAD, 1.0, 5).p_surge > 0.3


def test_the_best_days_are_those_furthest_above_the_level() -> None:
    series = DailyCounts(START, [2] * 125 + [9, 9] + [2] * 73)
    assert best_days(series, PACE, WINDOW, 2.0, 2) == (18, 2.0)


def test_what_the_province_did_is_expected_of_a_unit() -> None:
    series = counts(4, 2)
    sample = count_sample(series, PACE, WINDOW, Baseline(400, 100.0))
    alone = count_tails(sample, series, PACE, SPREAD, 1.0, 5)
    together = count_tails(sample, series, PACE, SPREAD, 0.5, 5)
    assert alone.p_lag < 0.02 < together.p_lag


def test_a_negative_day_is_a_correction_not_less_than_nothing() -> None:
    series = DailyCounts(START, [2] * 120 + [-3] * 21 + [0] * 59)
    sample = count_sample(series, PACE, WINDOW, Baseline(200, 100.0))
    assert sample.observed == 0
    assert 0 < count_tails(sample, series, PACE, SPREAD, 1.0, 5).p_lag < 0.01


def test_a_rate_is_tested_as_a_rate() -> None:
    numerator, denominator = counts(4, 2), counts(10, 10)
    sample = flow_sample(numerator, denominator, WINDOW)
    assert sample is not None
    tested = flow_tails(sample, 1.0)
    assert tested.p_lag < 0.01
    assert tested.p_lag + tested.p_surge == pytest.approx(1)
    assert tested.expected == pytest.approx(84)
    assert flow_tails(sample, 0.5).p_lag == pytest.approx(0.5)


def test_a_rate_of_almost_nothing_is_not_tested() -> None:
    assert flow_sample(counts(1, 0), DailyCounts(START, [0] * 200), WINDOW) is None


def test_a_numerator_above_its_denominator_is_borne() -> None:
    sample = flow_sample(counts(12, 14), counts(10, 10), WINDOW)
    assert sample is not None
    assert flow_tails(sample, 1.0).p_lag == 0.5


def test_windows_need_thirty_days_behind_them() -> None:
    found = windows(START + 45, START, (10, 14, 21, 30), 140, 30)
    assert [one.until - one.since + 1 for one in found] == [10, 14]
    assert found[0] == Window(START + 35, START + 44, START, START + 34)


def test_the_province_s_factor_is_the_median_of_enough_units() -> None:
    units = [ObservedExpected(5.0 + at, 20.0) for at in range(7)]
    assert province_factor(units, 10, 6, 1.25) == pytest.approx(0.4)
    assert province_factor(units[:5], 10, 6, 1.25) == 1
    assert province_factor([ObservedExpected(22, 20.0)] * 9, 10, 6, 1.25) == 1
    assert province_factor([ObservedExpected(0, 9.0)] * 9, 10, 6, 1.25) == 1


def test_the_sign_test_counts_units() -> None:
    below, above = sign_test([ObservedExpected(5, 20.0)] * 10, 10)
    assert below == pytest.approx(0.5**10)
    assert above == 1

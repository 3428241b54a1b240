import datetime as dt
from pathlib import Path

import pytest

from services.notifier.detection.comparison import (
    ObservedExpected,
    PaceComparison,
    Spans,
    measure_count,
    measure_flow,
    month_spans,
    province_factor,
    window_spans,
)
from services.notifier.detection.pace import Days, Pace
from services.notifier.detection.series import DailyCounts
from services.notifier.detection.verdicts import sign_test
from shared.domain.calendar import WEEKDAY_WEIGHTS, load_calendar

FIRST = dt.date(2023, 6, 1)
CALENDAR = load_calendar(Path("deploy/calendar/holidays.toml"))
DAYS = Days(CALENDAR, FIRST, dt.date(2023, 7, 31))
PACE = Pace(DAYS, (1, 1, 1, 1, 1, 0, 0))
JUNE, JULY = FIRST.toordinal(), dt.date(2023, 7, 1).toordinal()
SPANS = Spans(JULY, JULY + 19, JULY - 30, JULY - 1)


def on(day: int) -> int:
    return dt.date(2023, 7, day).toordinal()


def worked(per_day: int, from_july: int) -> DailyCounts:
    counts = [per_day if kind < 5 else 0 for kind in DAYS.weekdays]
    july = [from_july if kind < 5 else 0 for kind in DAYS.weekdays]
    return DailyCounts(JUNE, counts[:30] + july[30:])


def test_the_month_counts_once_eight_effective_days_have_passed() -> None:
    assert month_spans(on(12), JULY, JUNE, JUNE, PACE, 8) is None
    assert month_spans(on(13), JULY, JUNE, JUNE, PACE, 8) == Spans(JULY, on(12), JUNE, JULY - 1)


def test_a_month_before_that_is_hardly_known_does_not_count() -> None:
    late = dt.date(2023, 6, 22).toordinal()
    assert month_spans(on(20), JULY, JUNE, late, PACE, 8) is None


def test_days_before_the_beginning_are_not_compared_with() -> None:
    assert window_spans(on(5), on(14), 30, JUNE + 20) == Spans(on(5), on(14), JUNE + 20, on(4))


def test_the_previous_pace_is_expected_over_the_same_effective_days() -> None:
    spans = Spans(JULY, on(20), JUNE, JULY - 1)
    measured = measure_count(worked(5, 2), PACE, spans)
    assert measured is not None
    assert measured.observed == 28
    assert measured.expected == pytest.approx(70)


def test_a_rate_is_expected_of_the_denominators_that_came() -> None:
    spans = Spans(JULY, on(20), JUNE, JULY - 1)
    measured = measure_flow(worked(5, 2), worked(10, 8), spans)
    assert measured is not None
    assert (measured.observed, measured.expected, measured.denominator) == (28, 56, 112)
    assert measure_flow(worked(5, 2), worked(10, 0), spans) is None


def test_nothing_to_compare_with() -> None:
    assert measure_count(worked(5, 2), Pace(DAYS, WEEKDAY_WEIGHTS), Spans(JULY, on(20), JULY, JULY - 1)) is None


@pytest.mark.parametrize(
    ("ratio", "kind", "through"),
    [(0.75, "lag", True), (0.76, "lag", False), (1.4, "surge", True), (1.39, "surge", False)],
)
def test_the_bounds_belong_to_the_gate(ratio: float, kind: str, through: bool) -> None:
    compared = PaceComparison(SPANS, ratio, 1.0, 1.0, 1.0)
    assert compared.passes("lag" if kind == "lag" else "surge", 0.75, 1.40) is through


def test_a_surge_is_one_without_what_has_yet_to_come() -> None:
    late = PaceComparison(SPANS, 9.0, 6.0, 10.0, 1.0, arrived=0.6)
    assert late.ratio == 1.5
    assert not late.passes("surge", 0.75, 1.40), "nine of ten is no surge"
    assert late.contradicts("surge", whole=False)
    assert late._replace(observed=4.0).passes("lag", 0.75, 1.40)


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

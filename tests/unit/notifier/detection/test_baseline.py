import datetime as dt
from pathlib import Path

import pytest

from services.notifier.detection.baseline import (
    Window,
    baseline_of,
    count_sample,
    flow_sample,
    weeks_of,
    window_before,
)
from services.notifier.detection.pace import Days, Pace, week_weights
from services.notifier.detection.series import DailyCounts
from shared.domain.calendar import WEEKDAY_WEIGHTS, load_calendar

FIRST = dt.date(2023, 2, 6)
LENGTH = 182
DAYS = Days(load_calendar(Path("deploy/calendar/holidays.toml")), FIRST, FIRST + dt.timedelta(days=LENGTH - 1))
START = DAYS.first


def series(counts: list[int]) -> DailyCounts:
    return DailyCounts(START, counts)


def steady(per_day: int) -> list[int]:
    return [per_day if kind < 5 else 0 for kind in DAYS.weekdays]


def test_weights_without_events_are_the_prior() -> None:
    assert week_weights([0] * 60, DAYS.weekdays[:60], DAYS.holidays[:60]) == WEEKDAY_WEIGHTS


def test_weights_follow_many_events_and_leave_holidays_out() -> None:
    pooled = [1000 if kind < 5 else 500 for kind in DAYS.weekdays]
    pooled = [0 if holiday else n for n, holiday in zip(pooled, DAYS.holidays, strict=True)]
    weights = week_weights(pooled, DAYS.weekdays, DAYS.holidays)
    assert weights[:5] == pytest.approx([1] * 5, abs=0.02)
    assert weights[5:] == pytest.approx([0.5, 0.5], abs=0.02)


def test_few_events_shrink_the_weights_to_the_prior() -> None:
    pooled = [1 if kind == 6 else 0 for kind in DAYS.weekdays[:56]]
    pooled[0] = 1
    weights = week_weights(pooled, DAYS.weekdays[:56], DAYS.holidays[:56])
    assert weights[0] == pytest.approx(1, abs=0.2)


def test_a_holiday_is_worth_a_sunday() -> None:
    pace = Pace(DAYS, WEEKDAY_WEIGHTS)
    may_day = dt.date(2023, 5, 1).toordinal()
    assert pace.effective(may_day, may_day) == pytest.approx(0.1)
    assert pace.effective(may_day, may_day - 1) == 0


def test_a_campaign_leaves_the_usual_level_alone() -> None:
    calm, busy = steady(4), steady(4)
    for at in range(70, 75):
        busy[at] *= 10
    pace = Pace(DAYS, (1, 1, 1, 1, 1, 0, 0))
    levels = [baseline_of(series(one), weeks_of(pace, START + 20, START + 150)) for one in (calm, busy)]
    assert levels[0] is not None
    assert levels[1] is not None
    assert levels[1].level == pytest.approx(levels[0].level, rel=0.02)
    assert levels[0].level == pytest.approx(4, rel=0.1)


def test_no_usual_level_without_weeks() -> None:
    assert baseline_of(series(steady(4)), weeks_of(Pace(DAYS, WEEKDAY_WEIGHTS), START, START + 5)) is None


WINDOW = Window(START + 120, START + 140, START + 20, START + 119)


def test_a_window_is_measured_against_the_weeks_before_it() -> None:
    pace = Pace(DAYS, (1, 1, 1, 1, 1, 1, 1))
    weeks = weeks_of(pace, WINDOW.base_since, WINDOW.base_until)
    fell = count_sample(series([4] * 120 + [2] * 21 + [0] * 41), pace, WINDOW, weeks)
    assert fell is not None
    assert fell.observed == 42
    assert fell.expected == pytest.approx(84, rel=0.01)
    corrected = count_sample(series([4] * 120 + [-3] * 21 + [0] * 41), pace, WINDOW, weeks)
    assert corrected is not None
    assert corrected.observed == 0
    assert count_sample(series([0] * 120 + [9] * 62), pace, WINDOW, weeks) is None


def test_a_rate_of_almost_nothing_is_not_compared() -> None:
    few, many = series([0] * LENGTH), series([10] * LENGTH)
    assert flow_sample(few, few, WINDOW) is None
    half = flow_sample(series([5] * LENGTH), many, WINDOW)
    assert half is not None
    assert (half.observed, half.observed_of) == (105, 210)
    assert half.expected == pytest.approx(105)


def test_a_window_needs_days_behind_it() -> None:
    assert window_before(START + 50, START, 21, 140, 30) is None
    assert window_before(START + 51, START, 21, 140, 30) == Window(START + 30, START + 50, START, START + 29)

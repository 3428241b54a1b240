import datetime as dt
import random
from pathlib import Path

import pytest

from services.notifier.detection.baseline import DRIFT, Spread, baseline_of, dispersion, drift, weeks_of
from services.notifier.detection.series import DailyCounts, Days, Pace, week_weights
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


@pytest.mark.parametrize("true", [0.0, 0.4, 1.0])
def test_dispersion_is_found_again(true: float) -> None:
    rng = random.Random(7)

    def day(mean: float) -> int:
        gamma = rng.gammavariate(1 / true, mean * true) if true else mean
        return sum(1 for _ in range(int(gamma * 200)) if rng.random() < 1 / 200)

    units = [series([day(5.0) if kind < 5 else 0 for kind in DAYS.weekdays]) for _ in range(30)]
    found = dispersion(units, Pace(DAYS, (1, 1, 1, 1, 1, 0, 0)), START, START + LENGTH)
    assert found == pytest.approx(true, abs=0.25)


def test_too_few_blocks_give_no_dispersion() -> None:
    assert dispersion([series(steady(4))], Pace(DAYS, WEEKDAY_WEIGHTS), START, START + 60) is None
    assert Spread(None, 0.2).overdispersion(10) == 2.5
    assert Spread(0.5, 0.2).overdispersion(10) == 6


def test_drift_takes_chance_off_and_stays_in_range() -> None:
    rng = random.Random(1)
    assert drift([(0.1, 0.01)] * 10) == DRIFT
    assert drift([(rng.gauss(0, 0.3), 0.0) for _ in range(4000)]) == pytest.approx(0.36, rel=0.05)
    assert drift([(rng.gauss(0, 0.3), 0.09) for _ in range(4000)]) == pytest.approx(0.15, abs=0.05)
    assert drift([(rng.gauss(0, 3), 0.0) for _ in range(400)]) == 0.5

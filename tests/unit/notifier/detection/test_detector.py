"""States and flags on histories made for them: twelve units, three a working day, and one thing happens."""

import datetime as dt

import pytest

from services.notifier.detection.detector import evaluate
from services.notifier.detection.lifecycle import DetectorState
from services.notifier.detection.series import DailyCounts, DetectorHistory
from shared.domain.catalogue import Catalogue
from tests.support.detector_stories import (
    CALENDAR,
    CATALOGUE,
    CHANGE,
    END,
    LAST,
    ONE,
    UNITS,
    WITH_GOALS,
    changed,
    history,
    run,
    verdict,
)


def test_nothing_happens_nothing_is_flagged() -> None:
    raised, _, last = run(history(lambda *_: 3), LAST)
    assert raised == []
    assert {one.state for one in last.verdicts} == {"steady"}


def test_one_unit_lags_and_is_told_once_a_month() -> None:
    raised, _, last = run(history(changed({ONE}, 2, 3, 1)), END)
    assert [(flag.unit, flag.target, flag.direction) for flag in raised] == [(ONE, 2, "lag")]
    assert CHANGE < raised[0].raised_on <= CHANGE + dt.timedelta(days=21)
    assert raised[0].verdict.evidence is not None
    assert raised[0].verdict.evidence.window_to == raised[0].raised_on - dt.timedelta(days=1)
    assert verdict(last, ONE, 2).state == "lags"
    assert verdict(last, ONE, 1).state == "steady"


def test_one_unit_surges() -> None:
    raised, _, _ = run(history(changed({ONE}, 1, 3, 9)), END)
    assert [(flag.unit, flag.target, flag.direction) for flag in raised] == [(ONE, 1, "surge")]


def test_a_unit_that_comes_back_is_cleared() -> None:
    def story(unit: str, target: int, day: dt.date) -> int:
        low = unit == ONE and target == 2 and CHANGE <= day < dt.date(2023, 8, 1)
        return 1 if low else 3

    _, cleared, last = run(history(story), LAST + dt.timedelta(days=1))
    assert [
        (flag.unit, flag.direction, flag.cleared_on is not None) for flag in cleared if flag.direction == "lag"
    ] == [(ONE, "lag", True)]
    assert not [flag for flag in last.state.standing if flag.direction == "lag"]


def test_the_whole_province_falls_and_gets_one_notice() -> None:
    raised, _, last = run(history(changed(set(UNITS), 2, 4, 2)), END)
    assert [(flag.unit, flag.target, flag.direction) for flag in raised] == [(None, 2, "lag")]
    assert verdict(last, "province", 2).state == "lags"
    assert {verdict(last, unit, 2).state for unit in UNITS} == {"steady"}
    assert raised[0].sentence_vi.startswith("Toàn tỉnh, chỉ tiêu 2")


def test_silent_is_a_question_about_reports_not_seven_lags() -> None:
    def silent(unit: str, _target: int, day: dt.date) -> int:
        return 0 if unit == ONE and day >= CHANGE else 3

    def of(unit: str, _target: int, day: dt.date) -> int:
        return 0 if unit == ONE and day >= CHANGE else 12

    _, _, last = run(history(silent, of), dt.date(2023, 8, 1))
    assert {verdict(last, ONE, target).state for target in (1, 2, 3, 4)} == {"silent"}
    assert verdict(last, UNITS[1], 1).state == "steady"


def test_a_small_target_that_does_not_move_has_no_change() -> None:
    def story(unit: str, target: int, day: dt.date) -> int:
        if (unit, target) != (ONE, 1):
            return 3
        return int(day.day == 15 and day < CHANGE)

    raised, _, last = run(history(story), LAST)
    assert raised == []
    assert verdict(last, ONE, 1).state == "no_change"


def test_too_few_to_say() -> None:
    def story(unit: str, target: int, day: dt.date) -> int:
        return int(day.weekday() == 2) if (unit, target) == (ONE, 1) else 3

    _, _, last = run(history(story), LAST)
    assert verdict(last, ONE, 1).state == "too_few"


def test_a_goal_that_is_reached_is_no_lag() -> None:
    told = history(changed({ONE}, 2, 3, 1), opening={(ONE, 2): 1_000_000})
    raised, _, last = run(told, dt.date(2023, 8, 1), WITH_GOALS)
    assert raised == []
    assert verdict(last, ONE, 2).state == "saturated"


def test_a_surge_far_from_its_goal_is_told_both() -> None:
    raised, _, _ = run(history(changed({ONE}, 2, 3, 9)), END, WITH_GOALS)
    [flag] = raised
    assert flag.direction == "surge"
    assert flag.verdict.forecast is not None
    assert flag.verdict.forecast.attainment < 1


@pytest.mark.parametrize("target", [3, 4])
def test_dilution_is_said_and_not_flagged(target: int) -> None:
    def of(unit: str, number: int, day: dt.date) -> int:
        return 36 if (unit, number) == (ONE, target) and day >= CHANGE else 12

    raised, _, last = run(history(lambda *_: 4, of), dt.date(2023, 8, 1))
    assert raised == []
    found = verdict(last, ONE, target)
    assert found.diluted
    assert found.split is not None
    assert found.split.now < found.split.before
    assert found.split.now - found.split.before == pytest.approx(found.split.by_numerator + found.split.by_denominator)
    assert not verdict(last, UNITS[1], target).diluted


def test_a_rate_of_flows_that_falls_by_itself_lags() -> None:
    raised, _, _ = run(history(changed({ONE}, 4, 6, 2)), END)
    assert [(flag.unit, flag.target, flag.direction) for flag in raised] == [(ONE, 4, "lag")]


def test_a_goal_that_changed_makes_a_new_beginning() -> None:
    told = history(changed({ONE}, 2, 3, 1))
    _, _, last = run(told, dt.date(2023, 7, 31), with_goals_of_target_2({UNITS[3]: 9000}))
    assert verdict(last, ONE, 2).state == "too_few"
    assert verdict(last, ONE, 1).state == "steady"


def test_goals_written_anew_without_a_change_are_no_new_beginning() -> None:
    told = history(changed({ONE}, 2, 3, 1))
    raised, _, last = run(told, dt.date(2023, 7, 31), with_goals_of_target_2({}))
    assert [(flag.unit, flag.target, flag.direction) for flag in raised] == [(ONE, 2, "lag")]
    assert verdict(last, ONE, 2).state == "lags"


def with_goals_of_target_2(changes: dict[str, float]) -> Catalogue:
    """Goals for target 2 since 2022, and from 1 July 2023 on the same with `changes`."""
    goals: dict[str, float] = dict.fromkeys(UNITS, 8000)
    dated = {dt.date(2022, 1, 1): goals, dt.date(2023, 7, 1): goals | changes}
    return CATALOGUE.with_targets(
        one.model_copy(update={"goals": dated}) if one.number == 2 else one for one in CATALOGUE.targets
    )


def test_a_day_is_run_once() -> None:
    told = history(changed({ONE}, 2, 3, 1))
    state = DetectorState()
    for day in CALENDAR.working_days(CHANGE, CHANGE + dt.timedelta(days=20)):
        first = evaluate(told, CATALOGUE, CALENDAR, day, state)
        again = evaluate(told, CATALOGUE, CALENDAR, day, first.state)
        assert again.verdicts == first.verdicts
        assert (again.raised, again.cleared, again.state) == ([], [], first.state)
        state = first.state
    assert state.standing


def test_a_day_off_flags_nothing() -> None:
    saturday = dt.date(2023, 7, 29)
    state = DetectorState(last_run=dt.date(2023, 7, 28), qualified={f"{ONE}:2:lag": 1})
    evaluation = evaluate(history(changed({ONE}, 2, 3, 1)), CATALOGUE, CALENDAR, saturday, state)
    assert verdict(evaluation, ONE, 2).state == "lags"
    assert evaluation.raised == []
    assert evaluation.state == state


def test_an_empty_store_raises_no_flag() -> None:
    first = dt.date(2022, 1, 1)
    zeros = [0] * ((LAST - first).days + 1)
    pairs = {(unit.code, target.number) for unit in WITH_GOALS.units for target in WITH_GOALS.targets}
    nothing = DetectorHistory(first, LAST, {pair: DailyCounts(first.toordinal(), zeros) for pair in pairs}, {})
    assert evaluate(nothing, WITH_GOALS, CALENDAR, LAST, DetectorState()).raised == []

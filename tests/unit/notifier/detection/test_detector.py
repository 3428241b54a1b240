"""States and flags on histories made for them: twelve units, three a working day, and one thing happens."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from services.notifier.detection.backtest import without_goals
from services.notifier.detection.detector import Detector, Evaluation, evaluate
from services.notifier.detection.lifecycle import DetectorState
from services.notifier.detection.series import History, Pair, Row
from shared.contracts.flags import Flag, Verdict
from shared.domain.calendar import days, load_calendar
from shared.domain.catalogue import Catalogue, load_catalogue

CALENDAR = load_calendar(Path("deploy/calendar/holidays.toml"))
WITH_GOALS = load_catalogue(Path("deploy/catalogue"))
CATALOGUE = without_goals(WITH_GOALS)
FIRST, LAST = dt.date(2023, 2, 1), dt.date(2023, 8, 31)
CHANGE, END = dt.date(2023, 7, 10), dt.date(2023, 7, 31)
UNITS = [unit.code for unit in CATALOGUE.units][:12]
ONE = UNITS[0]

Story = Callable[[str, int, dt.date], int]


def history(done: Story, of: Story | None = None, opening: dict[Pair, int] | None = None) -> History:
    """Targets 1 to 4; targets 3 and 4 have denominators, 12 a working day unless told otherwise."""
    rows = []
    for day in days(FIRST, LAST):
        worked = CALENDAR.is_working_day(day)
        for unit in UNITS:
            for target in (1, 2, 3, 4):
                base = of(unit, target, day) if of else 12
                denominator = base if worked and target in (3, 4) else 0
                rows.append(Row(day, unit, target, done(unit, target, day) if worked else 0, denominator))
    return History.from_rows(rows, opening)


def changed(who: set[str], target: int, before: int, after: int) -> Story:
    def story(unit: str, number: int, day: dt.date) -> int:
        return after if unit in who and number == target and day >= CHANGE else before

    return story


def run(told: History, until: dt.date, catalogue: Catalogue = CATALOGUE) -> tuple[list[Flag], list[Flag], Evaluation]:
    """The flags raised and cleared since June, and the last run."""
    detector = Detector(told, catalogue, CALENDAR)
    state, raised, cleared = DetectorState(), [], []
    evaluation = None
    for day in CALENDAR.working_days(dt.date(2023, 6, 1), until):
        evaluation = detector.evaluate(day, state)
        state = evaluation.state
        raised += evaluation.raised
        cleared += evaluation.cleared
    assert evaluation is not None
    return raised, cleared, evaluation


def verdict(evaluation: Evaluation, unit: str, target: int) -> Verdict:
    [found] = [one for one in evaluation.verdicts if (one.unit, one.target) == (unit, target)]
    return found


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
    assert flag.verdict.projected_attainment is not None
    assert flag.verdict.projected_attainment < 1
    assert "Tuy vậy" in flag.sentence_vi


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


def merging(gone: str, heir: str, day: dt.date) -> Catalogue:
    """The catalogue in which `gone` becomes part of `heir` on `day`."""
    fields = {name: getattr(CATALOGUE, name) for name in Catalogue.model_fields}
    end = {"valid_until": day, "parent": heir}
    return Catalogue(
        **fields | {"units": tuple(u.model_copy(update=end if u.code == gone else {}) for u in CATALOGUE.units)}
    )


def test_a_merge_is_no_surge_and_the_new_whole_is_judged_against_both() -> None:
    """The heir does what both did: steady. Without its other half's days before the merge it would have doubled."""

    def story(unit: str, _: int, day: dt.date) -> int:
        if day < CHANGE:
            return 3
        return {ONE: 0, UNITS[1]: 6}.get(unit, 3)

    def of(unit: str, _: int, day: dt.date) -> int:
        return story(unit, 0, day) * 4

    raised, _, last = run(history(story, of), LAST, merging(ONE, UNITS[1], CHANGE))
    assert raised == []
    assert {one.state for one in last.verdicts} == {"steady"}
    assert ONE not in {one.unit for one in last.verdicts}
    alone, _, _ = run(history(story, of), LAST)
    assert {(flag.unit, flag.direction) for flag in alone} >= {(UNITS[1], "surge")}


def test_before_the_merge_each_unit_is_judged_by_itself() -> None:
    told = history(changed({ONE}, 2, 3, 1))
    plain, _, _ = run(told, END)
    merged, _, _ = run(told, END, merging(ONE, UNITS[1], LAST))
    assert merged == plain != []


def test_the_flag_of_a_unit_ends_with_it() -> None:
    told = history(changed({ONE}, 2, 3, 1))
    ended = dt.date(2023, 8, 8)
    raised, cleared, last = run(told, LAST, merging(ONE, UNITS[1], ended))
    assert [flag.unit for flag in raised][:1] == [ONE]
    assert [(flag.unit, flag.cleared_on) for flag in cleared if flag.unit == ONE] == [(ONE, ended)]
    assert ONE not in {flag.unit for flag in last.state.standing}


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

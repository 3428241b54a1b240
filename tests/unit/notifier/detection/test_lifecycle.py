import datetime as dt
from typing import Literal

import pytest

from services.notifier.detection.calibration import THRESHOLDS
from services.notifier.detection.lifecycle import (
    Alert,
    DetectorState,
    Transition,
    add_standing,
    advance,
    alert_of,
    drop_ended,
    is_over,
)
from shared.contracts.flags import Direction, Flag, Gate, RateSplit, State, Verdict

LAG = Alert("phu-my", 2, "lag")
SURGE = Alert("phu-my", 2, "surge")


def flag(alert: Alert, day: dt.date) -> Flag:
    verdict = Verdict(unit=alert.unit, target=alert.target, day=day, state="lags")
    unit = None if alert.unit == "province" else alert.unit
    return Flag(
        unit=unit,
        target=alert.target,
        direction=alert.direction,
        raised_on=day,
        verdict=verdict,
        sentence_vi="",
        sentence_en="",
    )


def compared(ratio: float, day: dt.date, basis: Literal["month", "completed"] = "month", factor: float = 1.0) -> Gate:
    """Ten expected at the unit's own pace, and twelve the month before."""
    return Gate(
        basis=basis,
        since=day,
        until=day,
        previous_since=day.replace(day=1),
        previous_until=day,
        observed=10 * ratio * factor,
        expected=10 * factor,
        ratio=ratio,
        province_factor=factor,
        previous=12,
        own_expected=10,
    )


def run(
    state: DetectorState, day: dt.date, qualified: set[Alert], ratio: float, factor: float = 1.0
) -> tuple[Transition, DetectorState]:
    direction = next(iter(qualified)).direction if qualified else None
    gate = compared(ratio, day, factor=factor)
    verdict = Verdict(unit="phu-my", target=2, day=day, state="steady", direction=direction, gate=gate)
    transition = advance(state, {("phu-my", 2): verdict}, (), day, THRESHOLDS)
    return transition, add_standing(transition.state, [flag(alert, day) for alert in transition.raise_now])


def day(number: int, month: int = 7) -> dt.date:
    return dt.date(2023, month, number)


def test_a_flag_is_raised_on_the_second_run_in_a_row() -> None:
    first, state = run(DetectorState(), day(10), {LAG}, 0.5)
    assert first.raise_now == []
    second, state = run(state, day(11), {LAG}, 0.5)
    assert second.raise_now == [LAG]
    assert [alert_of(one) for one in state.standing] == [LAG]


def test_an_interruption_starts_the_count_again() -> None:
    _, state = run(DetectorState(), day(10), {LAG}, 0.5)
    _, state = run(state, day(11), set(), 0.8)
    transition, _ = run(state, day(12), {LAG}, 0.5)
    assert transition.raise_now == []


def test_once_a_month_and_again_in_the_next() -> None:
    state = DetectorState()
    raised = []
    for when in (day(27), day(28), day(31), day(1, 8), day(2, 8)):
        transition, state = run(state, when, {LAG}, 0.5)
        raised += [when] * len(transition.raise_now)
    assert raised == [day(28), day(1, 8)]
    assert [one.raised_on for one in state.standing] == [day(1, 8)]


def test_cleared_after_three_calm_runs_in_a_row() -> None:
    state = DetectorState()
    cleared = []
    ratios = [0.5, 0.5, 0.9, 0.95, 0.8, 0.9, 0.99, 0.86]
    for number, ratio in enumerate(ratios, start=3):
        transition, state = run(state, day(number), {LAG} if ratio == 0.5 else set(), ratio)
        cleared += [(number, one.cleared_on) for one in transition.cleared]
    assert cleared == [(10, day(10))]
    assert state.standing == ()


def test_the_opposite_flag_never_stands_beside_it() -> None:
    state = DetectorState()
    for number in (3, 4):
        _, state = run(state, day(number), {LAG}, 0.5)
    transition, state = run(state, day(5), {SURGE}, 2.0)
    assert [alert_of(one) for one in transition.cleared] == [LAG]
    _, state = run(state, day(6), {SURGE}, 2.0)
    assert [alert_of(one) for one in state.standing] == [SURGE]


def test_the_state_survives_json() -> None:
    state = DetectorState()
    for number in (3, 4):
        _, state = run(state, day(number), {LAG, Alert("province", 1, "surge")}, 0.5)
    assert DetectorState.model_validate_json(state.model_dump_json()) == state


def test_keys_tell_alerts_apart_and_months() -> None:
    assert flag(LAG, day(4)).key == "phu-my:2:lag:2023-07"
    assert flag(Alert("province", 1, "surge"), day(4)).key == "province:1:surge:2023-07"


@pytest.mark.parametrize(
    ("direction", "ratio", "basis", "over"),
    [
        ("lag", 0.9, "month", False),
        ("lag", 1.0, "month", True),
        ("surge", 1.1, "month", False),
        ("surge", 1.0, "month", True),
        ("lag", 0.9, "completed", False),
        ("surge", 1.1, "completed", True),  # eleven, after twelve in the whole month before
        ("surge", 1.3, "completed", False),
    ],
)
def test_a_unit_that_moved_the_other_way_is_not_told_it_did_not(
    direction: Direction, ratio: float, basis: Literal["month", "completed"], over: bool
) -> None:
    verdict = Verdict(unit="phu-my", target=2, day=day(3), state="steady", gate=compared(ratio, day(3), basis))
    assert is_over(direction, verdict, ()) is over


@pytest.mark.parametrize(("state", "over"), [("steady", False), ("saturated", True), ("silent", False)])
def test_a_reached_goal_ends_a_flag(state: State, over: bool) -> None:
    verdict = Verdict(unit="phu-my", target=2, day=day(3), state=state, gate=compared(0.5, day(3)))
    assert is_over("lag", verdict, ()) is over


def test_what_cannot_be_compared_cannot_be_told() -> None:
    assert is_over("lag", None, ())
    assert is_over("lag", Verdict(unit="phu-my", target=2, day=day(3), state="too_few"), ())


def test_a_ratio_of_stocks_is_judged_by_its_rate() -> None:
    split = RateSplit(since=day(1), until=day(2), before=0.3, now=0.25, by_numerator=0, by_denominator=-0.05)
    gate = compared(1.5, day(3))
    verdict = Verdict(unit="phu-my", target=2, day=day(3), state="steady", gate=gate, split=split)
    assert not is_over("lag", verdict, {2})
    assert is_over("surge", verdict, {2})


def test_on_no_working_day_flags_end_and_streaks_stay() -> None:
    _, state = run(DetectorState(), day(10), {LAG}, 0.5)
    _, state = run(state, day(11), {LAG}, 0.5)
    over = Verdict(unit="phu-my", target=2, day=day(15), state="saturated", gate=compared(0.5, day(15)))
    cleared, after = drop_ended(state, {("phu-my", 2): over}, (), day(15))
    assert [flag.cleared_on for flag in cleared] == [day(15)]
    assert (after.standing, after.qualified, after.last_run) == ((), state.qualified, day(11))


def test_a_month_that_is_not_whole_in_the_history_compares_by_pace_alone() -> None:
    gate = compared(1.1, day(3), "completed").model_copy(update={"previous_since": day(2)})
    verdict = Verdict(unit="phu-my", target=2, day=day(3), state="steady", gate=gate)
    assert not is_over("surge", verdict, ())

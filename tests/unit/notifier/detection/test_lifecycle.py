import datetime as dt

from services.notifier.detection.calibration import THRESHOLDS
from services.notifier.detection.lifecycle import Alert, DetectorState, Transition, add_standing, advance, alert_of
from shared.contracts.flags import Flag, Verdict

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


def run(state: DetectorState, day: dt.date, qualified: set[Alert], ratio: float) -> tuple[Transition, DetectorState]:
    transition = advance(state, qualified, {("phu-my", 2): ratio}, day, THRESHOLDS)
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
    ratios = [0.5, 0.5, 0.9, 1.0, 0.8, 0.9, 1.1, 1.19]
    for number, ratio in enumerate(ratios, start=3):
        transition, state = run(state, day(number), {LAG} if ratio == 0.5 else set(), ratio)
        cleared += [(number, one.cleared_on) for one in transition.cleared]
    assert cleared == [(10, day(10))]
    assert state.standing == ()


def test_the_opposite_flag_ends_it() -> None:
    state = DetectorState()
    for number in (3, 4):
        _, state = run(state, day(number), {LAG}, 0.5)
    for number in (5, 6):
        transition, state = run(state, day(number), {SURGE}, 2.0)
    assert [alert_of(one) for one in transition.cleared] == [LAG]
    assert [alert_of(one) for one in state.standing] == [SURGE]


def test_the_state_survives_json() -> None:
    state = DetectorState()
    for number in (3, 4):
        _, state = run(state, day(number), {LAG, Alert("province", 1, "surge")}, 0.5)
    assert DetectorState.model_validate_json(state.model_dump_json()) == state


def test_keys_tell_alerts_apart_and_months() -> None:
    assert flag(LAG, day(4)).key == "phu-my:2:lag:2023-07"
    assert flag(Alert("province", 1, "surge"), day(4)).key == "province:1:surge:2023-07"

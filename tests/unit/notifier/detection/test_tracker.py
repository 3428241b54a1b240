"""What the filter makes of units over a history: who is looked at, and that a run does not depend on runs before."""

import datetime as dt

from services.notifier.detection.detector import Detector
from services.notifier.detection.lifecycle import DetectorState, Evaluation
from services.notifier.detection.tracker import RatesByMonth
from shared.contracts.flags import Evidence
from tests.support.detector_stories import CALENDAR, CATALOGUE, CHANGE, ONE, UNITS, changed, history, verdict

DAY = dt.date(2023, 7, 25)


def evaluated(detector: Detector, day: dt.date = DAY) -> Evaluation:
    return detector.evaluate(day, DetectorState())


def evidence(evaluation: Evaluation, unit: str, target: int) -> Evidence:
    found = verdict(evaluation, unit, target).evidence
    assert found is not None
    return found


def test_the_evidence_is_of_the_last_month_and_of_the_units_own_level() -> None:
    last = evaluated(Detector(history(changed({ONE}, 2, 3, 1)), CATALOGUE, CALENDAR))
    lagging, other = evidence(last, ONE, 2), evidence(last, UNITS[1], 2)
    assert (lagging.window_from, lagging.window_to) == (DAY - dt.timedelta(days=30), DAY - dt.timedelta(days=1))
    assert (lagging.observed, other.observed) == (41, 63)
    assert abs(other.expected - 63) < 7
    assert lagging.p_lag > 0.6 > 0.1 > other.p_lag


def test_a_run_says_the_same_after_later_and_earlier_runs() -> None:
    daily = history(changed({ONE}, 2, 3, 1))
    alone, detector = evaluated(Detector(daily, CATALOGUE, CALENDAR)), Detector(daily, CATALOGUE, CALENDAR)
    for day in (dt.date(2023, 7, 12), dt.date(2023, 7, 31)):
        evaluated(detector, day)
    assert evidence(evaluated(detector), ONE, 2) == evidence(alone, ONE, 2)


def test_rates_are_learned_once_a_month() -> None:
    rates: RatesByMonth = {}
    daily = history(changed({ONE}, 2, 3, 1))
    evaluated(Detector(daily, CATALOGUE, CALENDAR, rates=rates))
    learned = dict(rates)
    evaluated(Detector(daily, CATALOGUE, CALENDAR, rates=rates))
    assert rates == learned
    assert {month for month, _ in rates} == {dt.date(2023, 7, 1).toordinal()}


def test_a_unit_known_for_less_than_forty_days_is_not_judged() -> None:
    begun = DAY - dt.timedelta(days=39)
    new = Detector(history(lambda unit, _, day: 0 if unit == ONE and day < begun else 3), CATALOGUE, CALENDAR)
    assert verdict(evaluated(new), ONE, 1).state == "too_few"
    assert verdict(evaluated(new, DAY + dt.timedelta(days=3)), ONE, 1).state == "steady"


def test_what_is_yet_to_come_is_no_lag() -> None:
    def late(unit: str, _target: int, day: dt.date) -> int:
        return 1 if unit == ONE and day >= CHANGE else 3

    detector = Detector(history(late), CATALOGUE, CALENDAR)
    on_time = {unit: [1.0] * 45 for unit in UNITS}
    expected = detector.evaluate(DAY, DetectorState(), on_time | {ONE: [1 / 3] * 15 + [1.0] * 30})
    assert evidence(expected, ONE, 2).p_lag < 0.1
    assert evidence(detector.evaluate(DAY, DetectorState(), on_time), ONE, 2).p_lag > 0.6

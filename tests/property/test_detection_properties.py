"""What the detector says of a day depends on the days before it, and on nothing else."""

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from benchmarks.simulator import Province, Setting, simulate
from services.cli.backtest import alert, replay, without_goals
from services.notifier.detection.detector import Detector, evaluate
from services.notifier.detection.lifecycle import DetectorState
from services.notifier.detection.series import DetectorHistory, Row
from shared.domain.calendar import load_calendar
from shared.domain.catalogue import load_catalogue

CALENDAR = load_calendar(Path("deploy/calendar/holidays.toml"))
CATALOGUE = without_goals(load_catalogue(Path("deploy/catalogue")))
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A replay takes seconds, and its inputs are seeds: a smaller one says nothing."""
SETTING = Setting(units=7, lead_days=70, judged_days=75, changed_share=0.6)


@pytest.fixture(scope="module")
def province() -> Province:
    return simulate(SETTING, CALENDAR, 5)


def rows_of(history: DetectorHistory) -> list[Row]:
    return [
        Row(
            history.first + dt.timedelta(days=at),
            unit,
            target,
            count,
            history.denominators[unit, target].counts[at] if (unit, target) in history.denominators else 0,
        )
        for (unit, target), series in history.counts.items()
        for at, count in enumerate(series.counts)
    ]


def alerts(history: DetectorHistory, since: dt.date, until: dt.date) -> list[dict[str, object]]:
    runs = replay(history, CATALOGUE, CALENDAR, since, until)
    return [alert(flag) for _, flags in runs for flag in flags]


@settings(max_examples=6, deadline=None, phases=UNSHRUNK)
@given(seen=st.integers(20, 60), seed=st.integers(0, 10**6))
def test_the_future_is_of_no_matter(province: Province, seen: int, seed: int) -> None:
    """Runs up to a day are the same with its future shuffled between days, units and targets, and with none."""
    last_run = province.judged_from + dt.timedelta(days=seen)
    rows = rows_of(province.history)
    past, future = [r for r in rows if r.day < last_run], [r for r in rows if r.day >= last_run]
    parts = [(row.numerator, row.denominator) for row in future]
    random.Random(seed).shuffle(parts)
    shuffled = [
        row._replace(numerator=numerator * 3, denominator=denominator)
        for row, (numerator, denominator) in zip(future, parts, strict=True)
    ]
    known = alerts(DetectorHistory.from_rows(past), province.judged_from, last_run)
    assert alerts(DetectorHistory.from_rows(past + shuffled), province.judged_from, last_run) == known


def test_there_is_something_to_compare(province: Province) -> None:
    found = alerts(province.history, province.judged_from, province.judged_until)
    assert len(found) >= 5
    assert {one["kind"] for one in found} == {"lag", "surge"}


@settings(max_examples=3, deadline=None, phases=UNSHRUNK)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_rows_is_of_no_matter(province: Province, seed: int) -> None:
    until = province.judged_from + dt.timedelta(days=30)
    rows = rows_of(province.history)
    random.Random(seed).shuffle(rows)
    known = alerts(province.history, province.judged_from, until)
    assert alerts(DetectorHistory.from_rows(rows), province.judged_from, until) == known


def test_a_run_from_stored_state_is_the_run_that_never_stopped(province: Province) -> None:
    """Every run on its own, with its state through JSON, gives what one detector gives in one go."""
    detector, state = Detector(province.history, CATALOGUE, CALENDAR), DetectorState()
    stored = state.model_dump_json()
    until = province.judged_from + dt.timedelta(days=25)
    for day in CALENDAR.working_days(province.judged_from, until):
        at_once = detector.evaluate(day, state)
        alone = evaluate(province.history, CATALOGUE, CALENDAR, day, DetectorState.model_validate_json(stored))
        assert alone == at_once
        state, stored = at_once.state, alone.state.model_dump_json()


def test_zero_rows_may_be_left_out(province: Province) -> None:
    rows = rows_of(province.history)
    spare = [row for row in rows if row.numerator or row.denominator]
    assert len(spare) < len(rows)
    until = province.judged_until
    known = alerts(DetectorHistory.from_rows(rows), province.judged_from, until)
    assert alerts(DetectorHistory.from_rows(spare), province.judged_from, until) == known


def test_a_short_history_is_borne() -> None:
    short = simulate(replace(SETTING, lead_days=30), CALENDAR, 9)
    assert alerts(short.history, short.history.first, short.judged_until)

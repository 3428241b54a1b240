"""How figures arrive is learned from what runs knew, and a late unit is expected to be late."""

import datetime as dt

import numpy as np
import pytest

from services.notifier.detection.arrivals import (
    KNOWN_DAYS,
    Arrival,
    KnownHistory,
    known_on,
    learned_shares,
)
from services.notifier.detection.pace import Days, Pace
from services.notifier.detection.series import DetectorHistory, Row
from shared.domain.calendar import load_calendar
from shared.runtime.settings import ROOT

CALENDAR = load_calendar(ROOT / "deploy" / "calendar" / "holidays.toml")
FIRST, LAST = dt.date(2023, 2, 1), dt.date(2023, 6, 30)
DAYS = [FIRST + dt.timedelta(days=at) for at in range((LAST - FIRST).days + 1)]
ONE = dt.timedelta(days=1)


def received(late: int) -> list[Arrival]:
    """Two units of ten events a day; half of the first unit's come `late` days later, at night."""
    arrivals = []
    for day in DAYS:
        arrivals += [Arrival(day, Row(day, "late", 2, 5)), Arrival(day + late * ONE, Row(day, "late", 2, 5))]
        arrivals.append(Arrival(day, Row(day, "prompt", 2, 10)))
    return arrivals


def runs_of(known: KnownHistory, since: dt.date, until: dt.date) -> dict[dt.date, dict[str, tuple[int, ...]]]:
    days = [since + at * ONE for at in range((until - since).days + 1)]
    return {day: known_on(known.before(day), day) for day in days}


def test_a_morning_knows_what_was_received_before_it() -> None:
    known = KnownHistory(received(late=7))
    run = known_on(known.before(dt.date(2023, 4, 11)), dt.date(2023, 4, 11))
    assert run["late"][:9] == (5, 5, 5, 5, 5, 5, 5, 10, 10)
    assert set(run["prompt"]) == {10}
    assert len(run["late"]) == KNOWN_DAYS


def test_the_days_before_the_history_begins_are_nothing() -> None:
    known = KnownHistory(received(late=7))
    day = FIRST + 3 * ONE
    assert known_on(known.before(day), day)["prompt"] == (10, 10, 10) + (0,) * (KNOWN_DAYS - 3)


def test_shares_are_learned_from_days_that_are_complete() -> None:
    known = KnownHistory(received(late=7))
    runs = runs_of(known, dt.date(2023, 3, 20), LAST)
    shares = learned_shares(runs, known.before(LAST + ONE), LAST + ONE)
    assert shares["late"][:7] == pytest.approx([0.5] * 7, abs=0.03)
    assert shares["late"][7:] == [1.0] * (KNOWN_DAYS - 7)
    assert shares["prompt"] == [1.0] * KNOWN_DAYS


def test_without_mornings_old_enough_nothing_is_taken_as_late() -> None:
    known = KnownHistory(received(late=7))
    history = known.before(LAST + ONE)
    assert learned_shares({}, history, LAST + ONE) == {}
    young = {LAST: {"late": (0,) * KNOWN_DAYS}}
    assert learned_shares(young, history, LAST + ONE)["late"][: KNOWN_DAYS - 2] == [1.0] * (KNOWN_DAYS - 2)


def test_no_share_falls_with_age() -> None:
    known = KnownHistory(received(late=7))
    runs = runs_of(known, dt.date(2023, 3, 20), LAST)
    wild = {day: known | {"late": tuple(range(KNOWN_DAYS, 0, -1))} for day, known in runs.items()}
    falling = learned_shares(wild, known.before(LAST + ONE), LAST + ONE)["late"]
    assert falling == sorted(falling)


def test_the_pace_of_what_has_come_by_now() -> None:
    pace = Pace(Days(CALENDAR, FIRST, LAST), (1, 1, 1, 1, 1, 1, 1))
    day = dt.date(2023, 4, 20).toordinal()
    known = pace.as_known(day, [0.5, 0.75])
    assert known.effective(day - 10, day - 1) == pytest.approx(pace.effective(day - 10, day - 1) - 0.75)
    assert known.effective(day - 40, day - 3) == pace.effective(day - 40, day - 3)
    assert pace.effective(day - 1, day - 1) == 1, "the pace itself is left as it was"


def test_a_history_as_known_at_the_end_is_the_history() -> None:
    arrivals = received(late=7)
    whole = DetectorHistory.from_rows([arrival.row for arrival in arrivals])
    known = KnownHistory(arrivals).before(LAST + 30 * ONE)
    for pair, counts in whole.counts.items():
        assert np.array_equal(known.counts[pair].counts, counts.counts)

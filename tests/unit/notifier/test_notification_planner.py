"""Which flags digests name, given the evaluations of the days they look back on."""

import datetime as dt

from services.notifier.detection.lifecycle import DetectorState
from services.notifier.evaluations import StoredEvaluation
from services.notifier.notification_planner import flags_known
from shared.contracts.flags import Flag
from tests.support.sample_flags import LAG, SURGE


def evaluated(day: dt.date, standing: tuple[Flag, ...], cleared: tuple[Flag, ...] = ()) -> StoredEvaluation:
    return StoredEvaluation(
        day=day, verdicts=(), standing=standing, cleared=cleared, state=DetectorState(standing=standing)
    )


JULY, AUGUST = dt.date(2023, 7, 31), dt.date(2023, 8, 1)
OVER = SURGE.model_copy(update={"cleared_on": JULY})
AGAIN = LAG.model_copy(update={"raised_on": AUGUST})


def test_a_flag_that_was_cleared_is_known_as_cleared() -> None:
    first, second = evaluated(dt.date(2023, 7, 30), (LAG, SURGE)), evaluated(JULY, (LAG,), (OVER,))
    assert sorted(flags_known([first, second]), key=lambda flag: flag.key) == sorted([LAG, OVER], key=lambda f: f.key)


def test_a_flag_that_gave_way_to_the_next_months_is_no_longer_spoken_of() -> None:
    assert flags_known([evaluated(JULY, (LAG,)), evaluated(AUGUST, (AGAIN,))]) == [AGAIN]


def test_without_evaluations_nothing_is_known() -> None:
    assert flags_known([]) == []

"""Units that enter many days' events at once are known by their quiet days, and are not judged by them."""

import datetime as dt

import pytest

from services.notifier.detection.calibration import units_in_lumps
from services.notifier.detection.detector import evaluate
from services.notifier.detection.lifecycle import DetectorState
from services.notifier.detection.pace import Days
from services.notifier.detection.series import DetectorHistory, Row
from shared.domain.calendar import days, load_calendar
from shared.runtime.settings import ROOT
from tests.support.notice434 import catalogue

CALENDAR = load_calendar(ROOT / "deploy" / "calendar" / "holidays.toml")
FIRST, LAST, JULY = dt.date(2023, 2, 1), dt.date(2023, 7, 20), dt.date(2023, 7, 1)
DAILY = ("quy-nhon", "hoai-nhon", "an-lao", "hoai-an", "phu-cat", "phu-my", "tay-son")
LUMPY = "an-nhon"


def history(every: int, a_day: int = 4) -> DetectorHistory:
    """Units of `a_day` accounts a working day; one enters them on every `every`-th working day."""
    rows, worked, held = [], 0, 0
    for day in days(FIRST, LAST):
        if not CALENDAR.is_working_day(day):
            continue
        rows += [Row(day, unit, 2, a_day) for unit in DAILY]
        worked, held = worked + 1, held + a_day
        if worked % every == 0:
            rows.append(Row(day, LUMPY, 2, held))
            held = 0
    return DetectorHistory.from_rows(rows)


@pytest.mark.parametrize(("every", "a_day", "lumps"), [(1, 4, False), (2, 4, True), (15, 4, True), (15, 1, False)])
def test_a_rhythm_is_known_where_the_volume_would_show(every: int, a_day: int, lumps: bool) -> None:
    daily = history(every, a_day)
    found = units_in_lumps(daily, Days(CALENDAR, FIRST, LAST), JULY.toordinal())
    assert found == (frozenset({LUMPY}) if lumps else frozenset())


def test_without_enough_days_nobody_is_taken_so() -> None:
    daily = history(15)
    assert units_in_lumps(daily, Days(CALENDAR, FIRST, LAST), FIRST.toordinal() + 30) == frozenset()


def test_a_unit_in_lumps_is_not_judged_and_the_others_are_as_if_it_were_not_there() -> None:
    with_lumps = evaluate(history(15), catalogue(), CALENDAR, LAST, DetectorState()).verdicts
    without = evaluate(history(10_000), catalogue(), CALENDAR, LAST, DetectorState()).verdicts
    states = {verdict.unit: verdict.state for verdict in with_lumps}
    assert states.pop(LUMPY) == "in_lumps"
    assert [v for v in with_lumps if v.unit != LUMPY and v.unit != "province"] == [
        v for v in without if v.unit != LUMPY and v.unit != "province"
    ]
    assert all(verdict.direction is None for verdict in with_lumps if verdict.unit == LUMPY)

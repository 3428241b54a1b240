import datetime as dt
from pathlib import Path

from benchmarks.plain_rule import plain_alerts
from benchmarks.scoring import Raised, Score
from benchmarks.simulator import Change, Province, Setting, simulate
from services.notifier.detection.series import DetectorHistory, Row
from shared.domain.calendar import days, load_calendar

CALENDAR = load_calendar(Path("deploy/calendar/holidays.toml"))
FIRST, LAST = dt.date(2023, 6, 1), dt.date(2023, 7, 31)
START = dt.date(2023, 7, 3)


def province() -> Province:
    rows = [Row(day, unit, 1, 12 if unit == "b" and day >= START else 4) for day in days(FIRST, LAST) for unit in "abc"]
    changes = [Change("b", 1, START, 3.0, 80), Change("c", 1, START, 0.4, 30)]
    return Province(DetectorHistory.from_rows(rows), START, LAST, changes)


def test_hits_misses_and_false_alerts_are_told_apart() -> None:
    score = Score()
    day = START + dt.timedelta(days=9)
    alerts = [
        Raised(day, "b", 1, "surge"),
        Raised(day, "b", 1, "lag"),
        Raised(START - dt.timedelta(days=1), "c", 1, "lag"),
        Raised(day, "a", 1, "lag"),
        Raised(day, None, 1, "lag"),
    ]
    score.add(province(), Setting(units=3, judged_days=152), alerts)
    assert (score.false, score.notices, score.untouched, score.untouched_flagged) == (3, 1, 1, 1)
    assert score.unit_months == 15
    assert (score.recall(), score.recall("surge"), score.recall("lag")) == (0.5, 1, 0)
    assert score.recall("lag", least=60) is None
    assert score.mean_days() == 9


def test_the_plain_rule_sees_a_tripling() -> None:
    found = [(one.unit, one.kind) for one in plain_alerts(province(), CALENDAR)]
    assert ("b", "surge") in found
    assert ("a", "surge") not in found


def test_a_simulated_province_follows_from_its_seed_and_its_volumes() -> None:
    setting = Setting(units=10)
    one, again, other = (simulate(setting, CALENDAR, seed) for seed in (1, 1, 2))
    assert one.changes == again.changes != other.changes
    counts = {pair: series.counts.tolist() for pair, series in one.history.counts.items()}
    assert counts == {pair: series.counts.tolist() for pair, series in again.history.counts.items()}
    months = 10 * (setting.lead_days + setting.judged_days) / 30.4
    per_month = dict.fromkeys(range(1, 8), 0.0)
    for (_, target), series in one.history.counts.items():
        per_month[target] += sum(series.counts) / months
    assert 100 < per_month[1] < 220
    assert 1 < per_month[6] < 4


def test_lumps_hold_every_event_and_come_on_the_days_of_their_kind() -> None:
    plain = simulate(Setting(units=3), CALENDAR, 1).history.counts["unit-01", 1].counts
    for setting, lumps in (
        (Setting(units=3, lump_units=1), 15),
        (Setting(units=3, lump_units=1, lump_days=0, lumps_a_month=2), 22),
        (Setting(units=3, lump_units=1, lump_days=0), 11),
    ):
        counts = simulate(setting, CALENDAR, 1).history.counts["unit-01", 1].counts
        assert abs(int((counts > 0).sum()) - lumps) <= 1
        assert 0 <= plain.sum() - counts.sum() < plain.sum() / 8

"""Twelve units on four targets, three a working day, and one thing that happens: what the detector makes of it."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from services.cli.backtest import without_goals
from services.notifier.detection.detector import Detector
from services.notifier.detection.lifecycle import DetectorState, Evaluation
from services.notifier.detection.series import DetectorHistory, Pair, Row
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


def history(
    numerator: Story, denominator: Story | None = None, opening: dict[Pair, int] | None = None
) -> DetectorHistory:
    """Targets 1 to 4; targets 3 and 4 have denominators, 12 a working day unless `denominator` says otherwise."""
    rows = []
    for day in days(FIRST, LAST):
        worked = CALENDAR.is_working_day(day)
        for unit in UNITS:
            for target in (1, 2, 3, 4):
                base = denominator(unit, target, day) if denominator else 12
                below = base if worked and target in (3, 4) else 0
                rows.append(Row(day, unit, target, numerator(unit, target, day) if worked else 0, below))
    return DetectorHistory.from_rows(rows, opening)


def changed(who: set[str], target: int, before: int, after: int) -> Story:
    def story(unit: str, number: int, day: dt.date) -> int:
        return after if unit in who and number == target and day >= CHANGE else before

    return story


def run(
    daily: DetectorHistory, until: dt.date, catalogue: Catalogue = CATALOGUE
) -> tuple[list[Flag], list[Flag], Evaluation]:
    """The flags raised and cleared since June, and the last run."""
    detector = Detector(daily, catalogue, CALENDAR)
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
    [only] = [each for each in evaluation.verdicts if (each.unit, each.target) == (unit, target)]
    return only

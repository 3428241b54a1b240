"""Calibration: the thresholds, and what a month takes from days before: weekday weights, units in lumps. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from services.notifier.detection.pace import Days, Pace, calibrated_pace
from services.notifier.detection.series import DailyCounts, DetectorHistory


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of the detector. Lengths are calendar days, `effective` ones weighted working days."""

    main_window: int = 21
    base_days: int = 140
    least_base_days: int = 30
    previous_days: int = 30
    tested_days: int = 30
    least_known_days: int = 40

    least_expected: float = 10.0
    level: float = 0.025
    lag_chance: float = 0.40
    surge_chance: float = 0.25

    province_units: int = 6
    province_change: float = 1.25

    gate_effective_days: float = 8.0
    month_lag: float = 0.75
    month_surge: float = 1.40
    window_lag: float = 0.70
    window_surge: float = 1.50

    runs_to_raise: int = 2
    runs_to_clear: int = 3
    clear_from: float = 0.85
    clear_to: float = 1.20
    dilution: float = 0.01


THRESHOLDS = Thresholds()


RHYTHM_DAYS = 91
LEAST_WORKING_DAYS = 30
LEAST_PER_DAY = 2.0
LEAST_ACTIVE = 0.6
SATURDAY = 5


class Calibration(NamedTuple):
    """Per target its pace, and the units that enter many days' events on one: nothing is learned from them."""

    paces: dict[int, Pace]
    in_lumps: frozenset[str]


def calibrate(history: DetectorHistory, days: Days, flows: set[int], month_start: int) -> Calibration:
    """Learn from the days before `month_start` (ordinal) alone. `flows` are the targets that are ratios of
    flows.

    A ratio of flows has the pace of its denominator.
    """
    in_lumps = units_in_lumps(history, days, month_start)
    series = {target: _series(history, target, target in flows, in_lumps) for target in history.targets}
    return Calibration({target: calibrated_pace(days, each, month_start) for target, each in series.items()}, in_lumps)


def units_in_lumps(history: DetectorHistory, days: Days, month_start: int) -> frozenset[str]:
    """The units that are quiet on most working days of the three months before, though their volume would show.

    With two events a working day or more, independent days leave one in three without any at most (a negative binomial
    of dispersion 1); fewer than three in five with some are a rhythm of reporting.
    """
    end = max(0, month_start - days.first)
    start = max(0, end - RHYTHM_DAYS)
    working = np.asarray(days.weekdays[start:end]) < SATURDAY
    if working.sum() < LEAST_WORKING_DAYS:
        return frozenset()
    recent = {unit: totals[start:end] for unit, totals in history.unit_totals().items()}
    return frozenset(
        unit
        for unit, totals in recent.items()
        if totals.sum() >= LEAST_PER_DAY * working.sum() and (totals[working] > 0).mean() < LEAST_ACTIVE
    )


def _series(history: DetectorHistory, target: int, flow: bool, left_out: Collection[str]) -> list[DailyCounts]:
    series = history.denominators if flow else history.counts
    units = [unit for unit in history.units if unit not in left_out]
    return [series[unit, target] for unit in units if (unit, target) in series]

"""Calibration: the thresholds, and what a month takes from days before: weekday weights, dispersion, drift. Pure."""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

import numpy as np

from services.notifier.detection.baseline import Spread, baseline_of, dispersion, drift, weeks_of
from services.notifier.detection.evidence import Window, count_sample
from services.notifier.detection.series import DailyCounts, Days, DetectorHistory, Pace, calibrated_pace


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of the detector. Lengths are calendar days, `effective` ones weighted working days."""

    windows: tuple[int, ...] = (10, 14, 21, 30)
    main_window: int = 21
    base_days: int = 140
    least_base_days: int = 30
    previous_days: int = 30
    campaign_days: int = 5

    least_expected: float = 10.0
    level: float = 0.025
    discovery_rate: float = 0.70

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


PAST_RUNS = 4
PAST_STEP = 28
LEAST_BASE = 56
LEAST_UNITS = 6

RHYTHM_DAYS = 91
LEAST_WORKING_DAYS = 30
LEAST_PER_DAY = 2.0
LEAST_ACTIVE = 0.6
SATURDAY = 5


class Calibration(NamedTuple):
    """Per target its pace and spread; the drift in the spread is common to all targets.

    `in_lumps` are the units that enter many days' events on one: nothing is learned from them.
    """

    paces: dict[int, Pace]
    spreads: dict[int, Spread]
    in_lumps: frozenset[str]


def calibrate(
    history: DetectorHistory, days: Days, flows: set[int], month_start: int, thresholds: Thresholds
) -> Calibration:
    """Learn from the days before `month_start` (ordinal) alone. `flows` are the targets that are ratios of
    flows.

    A ratio of flows has the pace of its denominator and no spread of counts.
    """
    in_lumps = units_in_lumps(history, days, month_start)
    series = {target: _series(history, target, target in flows, in_lumps) for target in history.targets}
    paces = {target: calibrated_pace(days, each, month_start) for target, each in series.items()}
    dispersions = {
        target: dispersion(series[target], paces[target], days.first, month_start)
        for target in history.targets
        if target not in flows
    }
    ratios = [
        ratio
        for target, phi in dispersions.items()
        if phi is not None
        for ratio in _past_ratios(series[target], paces[target], phi, days.first, month_start, thresholds)
    ]
    own = drift(ratios)
    return Calibration(paces, {target: Spread(phi, own) for target, phi in dispersions.items()}, in_lumps)


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


def _past_ratios(
    series: list[DailyCounts], pace: Pace, phi: float, first: int, month_start: int, thresholds: Thresholds
) -> Iterator[tuple[float, float]]:
    """Log ratios of past main windows, centred over the units, each with the variance chance alone gives it."""
    for number in range(PAST_RUNS):
        until = month_start - PAST_STEP * number - 1
        since = until - thresholds.main_window + 1
        window = Window(since, until, max(first, since - thresholds.base_days), since - 1)
        if window.base_until - window.base_since + 1 < LEAST_BASE:
            return
        weeks = weeks_of(pace, window.base_since, window.base_until)
        ratios, chances = [], []
        for one in series:
            base = baseline_of(one, weeks)
            sample = count_sample(one, pace, window, base) if base else None
            if base and sample and sample.expected >= thresholds.least_expected:
                psi = 1 + phi * base.level
                ratios.append(math.log((sample.observed + 0.5) / (sample.expected + 0.5)))
                chances.append(psi * (1 / sample.expected + 1 / (base.events + 0.5)))
        if len(ratios) >= LEAST_UNITS:
            centre = median(ratios)
            yield from ((ratio - centre, chance) for ratio, chance in zip(ratios, chances, strict=True))

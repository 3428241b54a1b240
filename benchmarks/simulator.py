"""Simulated provinces with known changes, to tune and to judge the detector on.

Daily counts are gamma-Poisson (negative binomial) around size x weekday x monthly drift x campaigns x
changes. Everything follows from the seed.
"""

import datetime as dt
import math
import random
from dataclasses import dataclass, field

from services.notifier.detection.arrivals import Arrival
from services.notifier.detection.series import DetectorHistory, Row
from shared.contracts.flags import Direction
from shared.domain.calendar import WEEKDAY_WEIGHTS, Calendar

VOLUMES = {1: 138.3, 2: 113.0, 3: 81.8, 4: 90.5, 5: 69.3, 6: 2.2, 7: 131.3}
"""Mean count per unit and month, by target: the cumulative figures of 1 July 2023 over 18 months and 20
units. Target 4 draws its denominator so, and its numerator as a share of it.
"""
RATIO = 4
SHARE = 0.325
HOLIDAY = 0.05
WORKING_DAYS_A_MONTH = 22.3
CHANGE_DAYS = 30
SLACK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Setting:
    """What kind of province is simulated; rates are per month.

    The figures of the first `late_units` units arrive `mean_delay` days late on average, each event by itself. The
    first `lump_units` units enter what they did in lumps, dated on the day of entry: on every `lump_days`th working
    day, or where that is 0 on the last of each `lumps_a_month`th of a month. In the weeks before and after Tết
    `tet_slack` is what a working day is worth.
    """

    name: str = "default"
    units: int = 20
    first: dt.date = dt.date(2023, 2, 1)
    lead_days: int = 150
    judged_days: int = 184
    size_sigma: float = 1.0
    dispersion: float = 0.4
    drift: float = 0.10
    campaigns: float = 0.25
    province_campaigns: float = 0.25
    changed_share: float = 0.3
    province_cut: float | None = None
    late_units: int = 0
    mean_delay: float = 0.0
    lump_units: int = 0
    lump_days: int = 15
    lumps_a_month: int = 1
    tet_slack: float = 1.0


@dataclass(frozen=True)
class Change:
    """A known change: `factor` from `start` for 30 days; `before` counts the events of the 30 days before."""

    unit: str
    target: int
    start: dt.date
    factor: float
    before: int

    @property
    def kind(self) -> Direction:
        return "surge" if self.factor > 1 else "lag"

    @property
    def end(self) -> dt.date:
        """The first day no longer changed."""
        return self.start + dt.timedelta(days=CHANGE_DAYS)


@dataclass
class Province:
    history: DetectorHistory
    judged_from: dt.date
    judged_until: dt.date
    changes: list[Change] = field(default_factory=list)


def simulate(setting: Setting, calendar: Calendar, seed: int) -> Province:
    """One province: its history over lead and judged days, and the changes injected in the judged days."""
    rng = random.Random(seed)
    length = setting.lead_days + setting.judged_days
    week = _weights(setting, calendar, length)
    sizes = [math.exp(rng.gauss(0, setting.size_sigma)) for _ in range(setting.units)]
    mean = sum(sizes) / len(sizes)
    rows: list[Row] = []
    changes: list[Change] = []
    for target, volume in VOLUMES.items():
        common = _province_factors(rng, setting, length)
        for number, size in enumerate(sizes):
            unit = f"unit-{number + 1:02d}"
            level = volume / WORKING_DAYS_A_MONTH * size / mean
            change = _change(rng, setting, length)
            rates = _unit_factors(rng, setting, length)
            rates = [level * w * c * r for w, c, r in zip(week, common, rates, strict=True)]
            counts, of = _draw(rng, setting, rates, change, ratio=target == RATIO)
            if number < setting.lump_units:
                counts, of = (_in_lumps(each, week, setting, number) for each in (counts, of))
            rows += [
                Row(setting.first + dt.timedelta(days=at), unit, target, counts[at], of[at]) for at in range(length)
            ]
            if change:
                start, factor = change
                day = setting.first + dt.timedelta(days=start)
                changes.append(Change(unit, target, day, factor, sum(counts[start - 30 : start])))
    judged = setting.first + dt.timedelta(days=setting.lead_days)
    return Province(DetectorHistory.from_rows(rows), judged, setting.first + dt.timedelta(days=length - 1), changes)


def units(number: int) -> set[str]:
    """The first `number` units."""
    return {f"unit-{at + 1:02d}" for at in range(number)}


def arrivals(province: Province, setting: Setting, seed: int) -> list[Arrival]:
    """When the province's events are received: on their day, or of late units after exponential delays."""
    rng = random.Random(f"arrivals-{seed}")
    late = units(setting.late_units)
    result: list[Arrival] = []
    for (unit, target), series in province.history.counts.items():
        denominators = province.history.denominators.get((unit, target))
        for at, count in enumerate(series.counts.tolist()):
            day = setting.first + dt.timedelta(days=at)
            whole = int(denominators.counts[at]) if denominators else 0
            if unit not in late:
                result.append(Arrival(day, Row(day, unit, target, count, whole)))
                continue
            parts: dict[int, list[int]] = {0: [0, 0]}
            for number in range(max(count, whole)):
                part = parts.setdefault(int(rng.expovariate(1 / setting.mean_delay)), [0, 0])
                part[0] += number < count
                part[1] += number < whole
            for delay, (n, d) in parts.items():
                result.append(Arrival(day + dt.timedelta(days=delay), Row(day, unit, target, n, d)))
    return result


def _weights(setting: Setting, calendar: Calendar, length: int) -> list[float]:
    """What each day is worth; Tết are the holidays of January and February but for New Year's."""
    days = [setting.first + dt.timedelta(days=at) for at in range(length)]
    tet = [day for day in days if calendar.is_holiday(day) and (day.month == 2 or (day.month == 1 and day.day > 1))]
    weights = []
    for day in days:
        near = any(abs(day - holiday) <= SLACK for holiday in tet)
        worth = HOLIDAY if calendar.is_holiday(day) else WEEKDAY_WEIGHTS[day.weekday()]
        weights.append(worth * setting.tet_slack if near and not calendar.is_holiday(day) else worth)
    return weights


def _change(rng: random.Random, setting: Setting, length: int) -> tuple[int, float] | None:
    """The day (from the start) and the factor of a change, or None."""
    touched = rng.random() < setting.changed_share
    start = rng.randrange(setting.lead_days, length - CHANGE_DAYS)
    factor = rng.uniform(0.3, 0.5) if rng.random() < 0.5 else rng.uniform(2, 4)
    return (start, factor) if touched else None


def _province_factors(rng: random.Random, setting: Setting, length: int) -> list[float]:
    factors = [1.0] * length
    for at in range(length):
        if rng.random() < setting.province_campaigns / 30:
            _raise(factors, at, rng.randint(5, 10), rng.uniform(1.5, 2.5))
    if setting.province_cut is not None:
        start = setting.lead_days + setting.judged_days // 3
        _raise(factors, start, CHANGE_DAYS, setting.province_cut)
    return factors


def _unit_factors(rng: random.Random, setting: Setting, length: int) -> list[float]:
    """Monthly drift (a random walk of the log) and the unit's own campaigns."""
    factors = []
    drift = 0.0
    for at in range(length):
        if at % 30 == 0:
            drift += rng.gauss(0, setting.drift)
        factors.append(math.exp(drift))
    for at in range(length):
        if rng.random() < setting.campaigns / 30:
            _raise(factors, at, rng.randint(2, 5), rng.uniform(2, 5))
    return factors


def _raise(factors: list[float], start: int, days: int, factor: float) -> None:
    for at in range(start, min(start + days, len(factors))):
        factors[at] *= factor


def _draw(
    rng: random.Random, setting: Setting, rates: list[float], change: tuple[int, float] | None, *, ratio: bool
) -> tuple[list[int], list[int]]:
    start, factor = change or (0, 1.0)
    factors = [factor if change and start <= at < start + CHANGE_DAYS else 1.0 for at in range(len(rates))]
    if not ratio:
        return [_negative_binomial(rng, r * f, setting) for r, f in zip(rates, factors, strict=True)], [0] * len(rates)
    of = [_negative_binomial(rng, rate, setting) for rate in rates]
    odds = math.log(SHARE / (1 - SHARE)) + rng.gauss(0, 0.5)
    counts = []
    for at, (n, f) in enumerate(zip(of, factors, strict=True)):
        if at % 30 == 0:
            odds += rng.gauss(0, setting.drift)
        share = min(0.95, f / (1 + math.exp(-odds)))
        counts.append(sum(rng.random() < share for _ in range(n)))
    return counts, of


def _in_lumps(counts: list[int], week: list[float], setting: Setting, offset: int) -> list[int]:
    """The same events, each on the day of the report that tells it."""
    lumps, held, worked = [], 0, offset
    for at, (count, weight) in enumerate(zip(counts, week, strict=True)):
        held += count
        worked += weight >= 1
        report = worked % setting.lump_days == 0 if setting.lump_days else _ends_part(setting, week, at)
        lumps.append(held if report and weight >= 1 else 0)
        held = 0 if report and weight >= 1 else held
    return lumps


def _ends_part(setting: Setting, week: list[float], at: int) -> bool:
    """Whether no working day comes after the day in its part of the month."""
    day = setting.first + dt.timedelta(days=at)
    later = next((day + dt.timedelta(days=on) for on in range(1, len(week) - at) if week[at + on] >= 1), day)
    return _part(setting, later) != _part(setting, day)


def _part(setting: Setting, day: dt.date) -> tuple[int, int]:
    return day.month, min(setting.lumps_a_month - 1, (day.day - 1) * setting.lumps_a_month // 30)


def _negative_binomial(rng: random.Random, mean: float, setting: Setting) -> int:
    """Mean `mean`, variance mean + dispersion x mean^2: a Poisson count of a gamma-distributed mean."""
    if setting.dispersion > 0:
        mean = rng.gammavariate(1 / setting.dispersion, mean * setting.dispersion)
    return _poisson(rng, mean)


def _poisson(rng: random.Random, mean: float) -> int:
    """By exponential waiting times (Devroye, Non-Uniform Random Variate Generation, 1986, X.3)."""
    count, waited = 0, rng.expovariate(1.0)
    while waited < mean:
        count += 1
        waited += rng.expovariate(1.0)
    return count

"""Arrivals: what share of a day's events has come by the run some days later, per unit. Pure.

With every evaluation made on its own day the notifier remembers how many events of each recent day it knew then. Days
old enough to be complete then say how figures arrive; a unit that reports late is so expected to be late.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.notifier.detection.series import DetectorHistory, Row

KNOWN_DAYS = 45
"""Days back that a run remembers; a day as old as that is taken as complete."""

LEARNED_RUN_DAYS = 120
"""Days back from which runs are learned."""

PRIOR_EVENTS = 10.0
"""A unit's shares are shrunk towards those of all units as if it had so many events more."""

COMPLETE = 0.98
"""A share from which on nothing is taken as missing."""

Known = Mapping[str, Sequence[int]]
"""Unit -> the events known of the day before a run, of the day before that, and so on."""

Shares = Mapping[str, Sequence[float]]
"""Unit -> the share of a day's events that has come by the first, second, ... run after it."""


class Arrival(NamedTuple):
    """A row of daily counts and the day it was received."""

    received: dt.date
    row: Row


class KnownHistory:
    """What was known on past runs; the days are asked for in order."""

    def __init__(self, arrivals: Sequence[Arrival]) -> None:
        self._arrivals = sorted(arrivals)
        rows = [arrival.row for arrival in arrivals]
        self.first, last = min(row.day for row in rows), max(row.day for row in rows)
        self._pairs = {pair: at for at, pair in enumerate(sorted({(row.unit, row.target) for row in rows}))}
        shape = len(self._pairs), (last - self.first).days + 1
        self._counts, self._denominators = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self._next = 0

    def before(self, day: dt.date) -> DetectorHistory:
        """The days before `day`, with what was received before it."""
        while self._next < len(self._arrivals) and self._arrivals[self._next].received < day:
            row = self._arrivals[self._next].row
            at = self._pairs[row.unit, row.target], (row.day - self.first).days
            self._counts[at] += row.numerator
            self._denominators[at] += row.denominator
            self._next += 1
        length = min((day - self.first).days, self._counts.shape[1])
        counts, denominators = self._counts[:, :length].copy(), self._denominators[:, :length].copy()
        return DetectorHistory.from_arrays(self.first, self._pairs, counts, denominators)


def known_on(history: DetectorHistory, day: dt.date) -> dict[str, tuple[int, ...]]:
    """What the run of `day` knows of the KNOWN_DAYS days before it, all targets of a unit together."""
    end = day.toordinal() - history.first.toordinal()
    known = {}
    for unit, totals in history.unit_totals().items():
        recent = totals[max(0, end - KNOWN_DAYS) : max(0, end)][::-1]
        known[unit] = tuple(recent.tolist()) + (0,) * (KNOWN_DAYS - len(recent))
    return known


def learned_shares(runs: Mapping[dt.date, Known], history: DetectorHistory, day: dt.date) -> dict[str, list[float]]:
    """The shares learned from `runs` whose days are complete by now; units without any are those of all units.

    Empty where there is no such run: nothing is known of how figures arrive, and none is taken as late.
    """
    totals = history.unit_totals()
    arrived = {unit: np.zeros(KNOWN_DAYS) for unit in totals}
    final = {unit: np.zeros(KNOWN_DAYS) for unit in totals}
    seen = False
    for run, known in runs.items():
        ages, at = _complete_days(run, day, history.first)
        if run < day - dt.timedelta(days=LEARNED_RUN_DAYS) or not ages.size:
            continue
        for unit in known.keys() & totals.keys():
            seen = True
            arrived[unit][ages] += np.asarray(known[unit], dtype=float)[ages]
            final[unit][ages] += totals[unit][at]
    if not seen:
        return {}
    all_arrived, all_final = sum(arrived.values()), sum(final.values())
    pooled = np.divide(all_arrived, all_final, out=np.ones(KNOWN_DAYS), where=np.asarray(all_final) > 0)
    return {unit: _shares(arrived[unit], final[unit], pooled) for unit in totals}


def _complete_days(run: dt.date, day: dt.date, first: dt.date) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The ages (less one) of a run that are of days complete by `day`, and where those days are in the history."""
    days = run.toordinal() - np.arange(1, KNOWN_DAYS + 1)
    ages = np.flatnonzero((days + KNOWN_DAYS <= day.toordinal()) & (days >= first.toordinal()))
    return ages, days[ages] - first.toordinal()


def _shares(arrived: NDArray[np.float64], final: NDArray[np.float64], pooled: NDArray[np.float64]) -> list[float]:
    shares = (arrived + PRIOR_EVENTS * pooled) / (final + PRIOR_EVENTS)
    growing = np.maximum.accumulate(np.minimum(shares, 1.0))
    return [1.0 if share >= COMPLETE else share for share in growing.tolist()]

"""One target on one day: every unit tested and compared with its previous month, the province's factor taken
off.
"""

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from services.notifier.detection.baseline import Spread, Week, usual, weeks_of
from services.notifier.detection.comparison import (
    Measured,
    Spans,
    measure_count,
    measure_flow,
    month_spans,
    passes,
    window_spans,
)
from services.notifier.detection.evidence import (
    Sample,
    Tested,
    Window,
    count_sample,
    count_tails,
    flow_sample,
    flow_tails,
    windows,
)
from services.notifier.detection.pace import Pace
from services.notifier.detection.province import Comparison, province_factor
from services.notifier.detection.series import Series
from services.notifier.detection.thresholds import Rules
from shared.contracts.flags import Direction


class Month(NamedTuple):
    """First days (ordinals) of the month of the run and of the month before."""

    start: int
    previous: int


class Finding(NamedTuple):
    """The strongest evidence of either direction over all windows in which the unit is testable."""

    lag: Tested
    surge: Tested

    @property
    def p(self) -> float:
        """Two-sided."""
        return min(1.0, 2 * min(self.lag.p_lag, self.surge.p_surge))


class Compared(NamedTuple):
    """One unit between two spans, the province's factor taken into `expected`: counts, or rates."""

    spans: Spans
    observed: float
    expected: float
    factor: float

    @property
    def ratio(self) -> float:
        """Infinite from zero; 1 where nothing was expected and nothing came."""
        if self.expected:
            return self.observed / self.expected
        return math.inf if self.observed else 1.0


class TargetDay:
    """All units of one target on one run's day (an ordinal). `of` is given for a ratio of flows alone."""

    def __init__(
        self,
        day: int,
        month: Month,
        first: int,
        counts: Mapping[str, Series],
        of: Mapping[str, Series] | None,
        pace: Pace,
        spread: Spread | None,
        rules: Rules,
    ) -> None:
        self._day, self._month, self._first, self._rules = day, month, first, rules
        self.counts, self._of, self.pace, self._spread = counts, of, pace, spread
        self._compared: dict[Spans, dict[str, Compared]] = {}

    @cached_property
    def windows(self) -> list[Window]:
        """The windows with enough base behind them, shortest first."""
        rules = self._rules
        return windows(self._day, self._first, rules.windows, rules.base_days, rules.least_base_days)

    @cached_property
    def findings(self) -> dict[str, Finding]:
        """Per testable unit its strongest evidence; units with too little to say are absent."""
        tested: dict[str, list[Tested]] = {}
        for window in self.windows:
            for unit, one in self._test(window).items():
                tested.setdefault(unit, []).append(one)
        return {
            unit: Finding(min(found, key=lambda one: one.p_lag), min(found, key=lambda one: one.p_surge))
            for unit, found in tested.items()
        }

    def samples(self, window: Window) -> dict[str, Sample]:
        """What each unit shows in a window; absent are units with nothing usual to compare with.

        What grows from nothing is new, not a surge.
        """
        weeks = weeks_of(self.pace, window.base_since, window.base_until)
        found = {unit: self._sample(unit, window, weeks) for unit in self.counts}
        return {unit: sample for unit, sample in found.items() if sample}

    def factor(self, samples: Mapping[str, Sample]) -> float:
        """The province's factor in a window."""
        return self._factor(Comparison(one.observed, one.expected) for one in samples.values())

    @property
    def month_spans(self) -> Spans | None:
        """Month to date against the previous month, once both have enough effective days."""
        month, least = self._month, self._rules.gate_effective_days
        return month_spans(self._day, month.start, month.previous, self._first, self.pace, least)

    @property
    def main_spans(self) -> Spans:
        """What is shown where no flag asks for another: month to date, or the main window early in a month."""
        since = self._day - self._rules.main_window
        return self.month_spans or window_spans(since, self._day - 1, self._rules.previous_days, self._first)

    def compare(self, spans: Spans) -> dict[str, Compared]:
        """Every unit between two spans; units that cannot be compared are absent."""
        if spans not in self._compared:
            measured = self._measured(spans)
            factor = self._factor(Comparison(one.observed, one.expected) for one in measured.values())
            self._compared[spans] = {unit: _compared(spans, one, factor) for unit, one in measured.items()}
        return self._compared[spans]

    def kept_pace(self, unit: str) -> bool:
        """Whether the unit did (for a ratio: in the numerator) what its previous pace expects, or nearly."""
        measured = measure_count(self.counts[unit], self.pace, self.main_spans)
        return measured is not None and measured.observed >= self._rules.clear_from * measured.expected

    def gate(self, unit: str, kind: Direction, window: Window) -> Compared | None:
        """The comparison that lets a flag through: month to date, early in a month the evidence's window.

        None where it is not far enough from 1.
        """
        rules, month = self._rules, self.month_spans
        compared = self.compare(month or self.window_spans(window)).get(unit)
        if compared is None:
            return None
        at_most, at_least = (rules.month_lag, rules.month_surge) if month else (rules.window_lag, rules.window_surge)
        return compared if passes(compared.ratio, kind, at_most, at_least) else None

    def window_spans(self, window: Window) -> Spans:
        """A window against the days before it."""
        return window_spans(window.since, window.until, self._rules.previous_days, self._first)

    def total(self, spans: Spans) -> Compared | None:
        """All units together between two spans, the province's change left in."""
        parts = list(self._measured(spans).values())
        of = None if self._of is None else sum(one.of or 0 for one in parts)
        total = Measured(sum(one.observed for one in parts), sum(one.expected for one in parts), of)
        return _compared(spans, total, 1.0) if total.expected else None

    def _test(self, window: Window) -> dict[str, Tested]:
        samples = self.samples(window)
        factor = self.factor(samples)
        found = {}
        for unit, sample in samples.items():
            if self._spread is None:
                found[unit] = flow_tails(sample, factor)
            elif max(sample.expected * factor, sample.observed) >= self._rules.least_expected:
                series, campaign = self.counts[unit], self._rules.campaign_days
                found[unit] = count_tails(sample, series, self.pace, self._spread, factor, campaign)
        return found

    def _sample(self, unit: str, window: Window, weeks: list[Week]) -> Sample | None:
        if self._of is not None:
            return flow_sample(self.counts[unit], self._of[unit], window) if unit in self._of else None
        base = usual(self.counts[unit], weeks)
        if base is None or base.events == 0:
            return None
        return count_sample(self.counts[unit], self.pace, window, base)

    def _measured(self, spans: Spans) -> dict[str, Measured]:
        found = {unit: self._measure(unit, spans) for unit in self.counts}
        return {unit: one for unit, one in found.items() if one}

    def _measure(self, unit: str, spans: Spans) -> Measured | None:
        if self._of is not None:
            return measure_flow(self.counts[unit], self._of[unit], spans) if unit in self._of else None
        return measure_count(self.counts[unit], self.pace, spans)

    def _factor(self, units: Iterable[Comparison]) -> float:
        rules = self._rules
        return province_factor(units, rules.least_expected, rules.province_units, rules.province_change)


def _compared(spans: Spans, measured: Measured, factor: float) -> Compared:
    per = measured.of or 1
    return Compared(spans, measured.observed / per, measured.expected * factor / per, factor)

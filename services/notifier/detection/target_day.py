"""One target on one day: every unit tested, and compared with its previous month beside the province. Pure."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from services.notifier.detection.baseline import (
    Sample,
    Week,
    Window,
    count_sample,
    flow_sample,
    weeks_of,
    window_before,
)
from services.notifier.detection.calibration import Thresholds
from services.notifier.detection.comparison import (
    Measurement,
    MonthStarts,
    ObservedExpected,
    PaceComparison,
    Spans,
    measure_count,
    measure_flow,
    month_spans,
    province_factor,
    window_spans,
)
from services.notifier.detection.pace import Pace
from services.notifier.detection.series import DailyCounts
from shared.contracts.flags import Direction


class TargetDay:
    """All units of one target on one run's day (an ordinal). `denominators` are given for a ratio of flows alone.

    `known_paces` are those of units whose figures arrive late: the pace of what has come by now. Units `in_lumps` are
    not tested, and have no say in what is common to the units.
    """

    def __init__(
        self,
        day: int,
        month: MonthStarts,
        first: int,
        counts: Mapping[str, DailyCounts],
        denominators: Mapping[str, DailyCounts] | None,
        pace: Pace,
        known_paces: Mapping[str, Pace],
        in_lumps: Collection[str],
        thresholds: Thresholds,
    ) -> None:
        self._day, self._month, self.first, self._thresholds = day, month, first, thresholds
        self.counts, self._denominators, self.pace = counts, denominators, pace
        self._known_paces, self.in_lumps = known_paces, in_lumps
        self.flows = denominators is not None
        self.is_late = bool(known_paces) and not self.flows
        self._compared: dict[Spans, dict[str, PaceComparison]] = {}

    @property
    def units_followed(self) -> list[str]:
        """The units with days to follow."""
        known = self.counts if self._denominators is None else self._denominators
        return [unit for unit in self.counts if unit in known and unit not in self.in_lumps]

    def daily(self, unit: str, start: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The unit's counts of the days from `start` on, and their effective days, or denominators."""
        counts = self.counts[unit].daily(start)
        of = self._denominators[unit].daily(start) if self._denominators else self.pace_of(unit).daily(start)
        return counts, of

    @property
    def tested_span(self) -> tuple[int, int]:
        """The first and the last of the days tested."""
        return self._day - self._thresholds.tested_days, self._day - 1

    def tested(self, unit: str, level: float) -> tuple[int, int | None, float] | None:
        """What came in the days tested, of what denominator, and what was expected at `level`.

        None where too little is known, came or was to come for anything to be said.
        """
        limits, series = self._thresholds, self.counts[unit]
        since, until = self.tested_span
        if self._day - max(self.first, series.first_event) < limits.least_known_days:
            return None
        observed = series.count(since, until)
        if self._denominators is None:
            expected = level * self.pace_of(unit).effective(since, until)
            return (observed, None, expected) if max(observed, expected) >= limits.least_expected else None
        of = self._denominators[unit]
        observed_of = of.count(since, until)
        enough = min(observed_of, of.count(self.first, since - 1)) >= limits.least_expected
        return (observed, observed_of, level * observed_of) if enough else None

    @cached_property
    def main_window(self) -> Window | None:
        """The days that the province's notice looks at; None without enough base behind them."""
        limits = self._thresholds
        return window_before(self._day, self.first, limits.main_window, limits.base_days, limits.least_base_days)

    def samples(self, window: Window) -> dict[str, Sample]:
        """What each unit shows in a window; absent are units with no baseline to compare with."""
        weeks = weeks_of(self.pace, window.base_since, window.base_until)
        samples = {unit: self._sample(unit, window, weeks) for unit in self.counts if unit not in self.in_lumps}
        return {unit: sample for unit, sample in samples.items() if sample}

    def factor(self, samples: Mapping[str, Sample]) -> float:
        """The province's factor in a window."""
        return self._factor(ObservedExpected(one.observed, one.expected) for one in samples.values())

    @cached_property
    def month_spans(self) -> Spans | None:
        """Month to date against the previous month, once both have enough effective days."""
        month, least = self._month, self._thresholds.gate_effective_days
        return month_spans(self._day, month.start, month.previous, self.first, self.pace, least)

    @cached_property
    def completed_spans(self) -> Spans | None:
        """The previous month against the one before it, if both have enough effective days."""
        month, least = self._month, self._thresholds.gate_effective_days
        return month_spans(month.start, month.previous, month.before_previous, self.first, self.pace, least)

    @property
    def main_spans(self) -> Spans:
        """What is compared: month to date, early in a month the completed one; with a short history the main window."""
        return self.month_spans or self.completed_spans or self.window_spans

    def basis(self, spans: Spans) -> Literal["month", "completed", "window"]:
        """What `spans` are, by name."""
        if spans == self.month_spans:
            return "month"
        return "completed" if spans == self.completed_spans else "window"

    def whole_months(self, spans: Spans) -> bool:
        """Whether two whole months are compared."""
        return spans == self.completed_spans and spans.previous_since == self._month.before_previous

    def compare(self, spans: Spans) -> dict[str, PaceComparison]:
        """Every unit between two spans; units that cannot be compared are absent."""
        if spans not in self._compared:
            measured = self._measured(spans)
            factor = self._factor(
                ObservedExpected(one.observed, one.expected)
                for unit, one in measured.items()
                if unit not in self.in_lumps
            )
            self._compared[spans] = {
                unit: _compared(spans, one, factor, self._arrived(unit, spans)) for unit, one in measured.items()
            }
        return self._compared[spans]

    def steady_numerator(self, unit: str) -> bool:
        """Whether the unit did (for a ratio: in the numerator) what its previous pace expects, or nearly."""
        measured = measure_count(self.counts[unit], self.pace_of(unit), self.main_spans)
        return measured is not None and measured.observed >= self._thresholds.clear_from * measured.expected

    def qualifying(self, unit: str, direction: Direction) -> PaceComparison | None:
        """The comparison that lets a flag through: month to date; before that the completed month, else the window.

        None where it is not far enough from 1, or the unit, or its completed month, did not move this way.
        """
        limits = self._thresholds
        if self.month_spans:
            return self._passing(unit, direction, self.month_spans, limits.month_lag, limits.month_surge)
        if self.completed_spans:
            completed = self.compare(self.completed_spans).get(unit)
            if completed and completed.contradicts(direction, whole=self.whole_months(self.completed_spans)):
                return None
            if completed and completed.passes(direction, limits.month_lag, limits.month_surge):
                return completed
        return self._passing(unit, direction, self.window_spans, limits.window_lag, limits.window_surge)

    def _passing(
        self, unit: str, direction: Direction, spans: Spans, at_most: float, at_least: float
    ) -> PaceComparison | None:
        compared = self.compare(spans).get(unit)
        if compared is None or compared.contradicts(direction, whole=self.whole_months(spans)):
            return None
        return compared if compared.passes(direction, at_most, at_least) else None

    @property
    def window_spans(self) -> Spans:
        """The main window against the days before it."""
        since = self._day - self._thresholds.main_window
        return window_spans(since, self._day - 1, self._thresholds.previous_days, self.first)

    def total(self, spans: Spans) -> PaceComparison | None:
        """All units together between two spans, the province's change left in."""
        parts = list(self._measured(spans).values())
        denominator = None if self._denominators is None else sum(one.denominator or 0 for one in parts)
        before = None if self._denominators is None else sum(one.previous_denominator or 0 for one in parts)
        total = Measurement(
            sum(one.observed for one in parts),
            sum(one.expected for one in parts),
            sum(one.previous for one in parts),
            denominator,
            before,
        )
        return _compared(spans, total, 1.0) if total.expected else None

    def _sample(self, unit: str, window: Window, weeks: list[Week]) -> Sample | None:
        if self._denominators is None:
            return count_sample(self.counts[unit], self.pace_of(unit), window, weeks)
        of = self._denominators.get(unit)
        return flow_sample(self.counts[unit], of, window) if of else None

    def _measured(self, spans: Spans) -> dict[str, Measurement]:
        measured = {unit: self._measure(unit, spans) for unit in self.counts}
        return {unit: each for unit, each in measured.items() if each}

    def _measure(self, unit: str, spans: Spans) -> Measurement | None:
        if self._denominators is not None:
            return (
                measure_flow(self.counts[unit], self._denominators[unit], spans) if unit in self._denominators else None
            )
        return measure_count(self.counts[unit], self.pace_of(unit), spans)

    def pace_of(self, unit: str) -> Pace:
        """The unit's pace: where its figures are late, that of what has come by now."""
        return self._known_paces.get(unit, self.pace)

    def _arrived(self, unit: str, spans: Spans) -> float:
        """The share of the later span that has come by now, as the unit reports; 1 for a ratio of flows."""
        if self._denominators is not None or unit not in self._known_paces:
            return 1.0
        whole = self.pace.effective(spans.since, spans.until)
        return self.pace_of(unit).effective(spans.since, spans.until) / whole if whole else 1.0

    def _factor(self, units: Iterable[ObservedExpected]) -> float:
        thresholds = self._thresholds
        return province_factor(units, thresholds.least_expected, thresholds.province_units, thresholds.province_change)


def _compared(spans: Spans, measured: Measurement, factor: float, arrived: float = 1.0) -> PaceComparison:
    per, before = measured.denominator or 1, measured.previous_denominator or 1
    return PaceComparison(
        spans,
        measured.observed / per,
        measured.expected / per,
        measured.previous / before,
        factor,
        measured.denominator,
        measured.previous_denominator,
        arrived,
    )

"""One target on one day: every unit tested, and compared with its previous month beside the province. Pure."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Literal

from services.notifier.detection.baseline import Spread, Week, baseline_of, weeks_of
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
from services.notifier.detection.evidence import (
    Sample,
    StrongestEvidence,
    TailProbabilities,
    Window,
    count_sample,
    count_tails,
    flow_sample,
    flow_tails,
    windows,
)
from services.notifier.detection.series import DailyCounts, Pace
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
        spread: Spread | None,
        thresholds: Thresholds,
    ) -> None:
        self._day, self._month, self._first, self._thresholds = day, month, first, thresholds
        self.counts, self._denominators, self.pace, self._spread = counts, denominators, pace, spread
        self._known_paces, self.in_lumps = known_paces, in_lumps
        self._compared: dict[Spans, dict[str, PaceComparison]] = {}

    @cached_property
    def windows(self) -> list[Window]:
        """The windows with enough base behind them, shortest first."""
        thresholds = self._thresholds
        return windows(self._day, self._first, thresholds.windows, thresholds.base_days, thresholds.least_base_days)

    @cached_property
    def strongest_evidence(self) -> dict[str, StrongestEvidence]:
        """Per testable unit its strongest evidence; units with too little to say are absent."""
        tails: dict[str, list[TailProbabilities]] = {}
        for window in self.windows:
            for unit, each in self._test(window).items():
                tails.setdefault(unit, []).append(each)
        return {
            unit: StrongestEvidence(
                lag=min(tested, key=lambda each: each.p_lag), surge=min(tested, key=lambda each: each.p_surge)
            )
            for unit, tested in tails.items()
        }

    def samples(self, window: Window) -> dict[str, Sample]:
        """What each unit shows in a window; absent are units with no baseline to compare with.

        What grows from nothing is new, not a surge.
        """
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
        return month_spans(self._day, month.start, month.previous, self._first, self.pace, least)

    @cached_property
    def completed_spans(self) -> Spans | None:
        """The previous month against the one before it, if both have enough effective days."""
        month, least = self._month, self._thresholds.gate_effective_days
        return month_spans(month.start, month.previous, month.before_previous, self._first, self.pace, least)

    @property
    def main_spans(self) -> Spans:
        """What is compared: month to date, early in a month the completed one; with a short history the main window."""
        since = self._day - self._thresholds.main_window
        window = window_spans(since, self._day - 1, self._thresholds.previous_days, self._first)
        return self.month_spans or self.completed_spans or window

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
        measured = measure_count(self.counts[unit], self._pace_of(unit), self.main_spans)
        return measured is not None and measured.observed >= self._thresholds.clear_from * measured.expected

    def qualifying(self, unit: str, direction: Direction, window: Window) -> PaceComparison | None:
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
        return self._passing(unit, direction, self.window_spans(window), limits.window_lag, limits.window_surge)

    def _passing(
        self, unit: str, direction: Direction, spans: Spans, at_most: float, at_least: float
    ) -> PaceComparison | None:
        compared = self.compare(spans).get(unit)
        if compared is None or compared.contradicts(direction, whole=self.whole_months(spans)):
            return None
        return compared if compared.passes(direction, at_most, at_least) else None

    def window_spans(self, window: Window) -> Spans:
        """A window against the days before it."""
        return window_spans(window.since, window.until, self._thresholds.previous_days, self._first)

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

    def _test(self, window: Window) -> dict[str, TailProbabilities]:
        samples = self.samples(window)
        factor = self.factor(samples)
        tails = {}
        for unit, sample in samples.items():
            if self._spread is None:
                tails[unit] = flow_tails(sample, factor)
            elif max(sample.expected * factor, sample.observed) >= self._thresholds.least_expected:
                series, campaign = self.counts[unit], self._thresholds.campaign_days
                tails[unit] = count_tails(sample, series, self._pace_of(unit), self._spread, factor, campaign)
        return tails

    def _sample(self, unit: str, window: Window, weeks: list[Week]) -> Sample | None:
        if self._denominators is not None:
            return (
                flow_sample(self.counts[unit], self._denominators[unit], window) if unit in self._denominators else None
            )
        base = baseline_of(self.counts[unit], weeks)
        if base is None or base.events == 0:
            return None
        return count_sample(self.counts[unit], self._pace_of(unit), window, base)

    def _measured(self, spans: Spans) -> dict[str, Measurement]:
        measured = {unit: self._measure(unit, spans) for unit in self.counts}
        return {unit: each for unit, each in measured.items() if each}

    def _measure(self, unit: str, spans: Spans) -> Measurement | None:
        if self._denominators is not None:
            return (
                measure_flow(self.counts[unit], self._denominators[unit], spans) if unit in self._denominators else None
            )
        return measure_count(self.counts[unit], self._pace_of(unit), spans)

    def _pace_of(self, unit: str) -> Pace:
        return self._known_paces.get(unit, self.pace)

    def _arrived(self, unit: str, spans: Spans) -> float:
        """The share of the later span that has come by now, as the unit reports; 1 for a ratio of flows."""
        if self._denominators is not None or unit not in self._known_paces:
            return 1.0
        whole = self.pace.effective(spans.since, spans.until)
        return self._pace_of(unit).effective(spans.since, spans.until) / whole if whole else 1.0

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

"""The detector: from the daily counts known on a day to a verdict per unit and target, and the flags they become.

Pure. A run on day D is made on the morning of D and reads the days before D alone. The method, its sources
and what each part bought are in docs/decisions/0010-detection.md.
"""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from services.notifier.detection.calibration import THRESHOLDS, Calibration, Thresholds, calibrate
from services.notifier.detection.comparison import Outlook, PaceComparison
from services.notifier.detection.evidence import q_values
from services.notifier.detection.lifecycle import (
    Alert,
    DetectorState,
    add_standing,
    advance,
    drop_retired_units,
)
from services.notifier.detection.sentences import flag_sentences
from services.notifier.detection.series import Days, DetectorHistory, Pair
from services.notifier.detection.target_day import MonthStarts, StrongestEvidence, TargetDay
from services.notifier.detection.verdicts import (
    Assessment,
    comparison_model,
    decide_state,
    evidence_model,
    province_verdict,
)
from shared.contracts.flags import Direction, Flag, State, Verdict
from shared.domain.calendar import Calendar
from shared.domain.catalogue import PROVINCE, Catalogue, Target
from shared.domain.months import Month
from shared.domain.unit_hierarchy import asks_anew, makeup_on


class Evaluation(NamedTuple):
    """What one run says. `verdicts` has every pair and, where the whole province moved, a row per target for it."""

    verdicts: list[Verdict]
    raised: list[Flag]
    cleared: list[Flag]
    state: DetectorState


class Detector:
    """The detector over one history. The calibration of a month serves every run in it."""

    def __init__(
        self, history: DetectorHistory, catalogue: Catalogue, calendar: Calendar, thresholds: Thresholds = THRESHOLDS
    ) -> None:
        self._raw_history, self._history, self._catalogue = history, history, catalogue
        self._calendar, self._thresholds = calendar, thresholds
        self._targets = {number: catalogue.target_by_number[number] for number in history.targets}
        self._flows = {number for number, target in self._targets.items() if target.parts == "flows"}
        self._days = Days(calendar, history.first, history.last)
        self._calibration: tuple[int, Calibration] | None = None
        self._outlook = Outlook(history, catalogue, calendar)
        self._units: dict[str, tuple[str, ...]] = {}

    def evaluate(self, day: dt.date, earlier: DetectorState) -> Evaluation:
        """The run of `day`. On a day already run, or no working day, the verdicts are given and nothing is flagged."""
        self._see_units_of(day)
        days = {target: self._target_day(target, day) for target in self._targets}
        verdicts = list(self._verdicts(days, day))
        if not self._calendar.is_working_day(day) or (earlier.last_run and earlier.last_run >= day):
            return Evaluation(verdicts, [], [], earlier)
        qualified = {Alert(v.unit, v.target, direction): v for v in verdicts if (direction := _direction(v))}
        ended, known = drop_retired_units(earlier, {*self._history.units, PROVINCE}, day)
        transition = advance(known, set(qualified), self._ratios(days), day, self._thresholds)
        raised = [self._flag(alert, qualified[alert], day) for alert in transition.raise_now]
        return Evaluation(verdicts, raised, ended + transition.cleared, add_standing(transition.state, raised))

    def _see_units_of(self, day: dt.date) -> None:
        """Make the history that of the units of `day`, each with the days of those it took over from.

        Units that the catalogue does not know stand for themselves.
        """
        makeup = makeup_on(self._catalogue, day)
        units: dict[str, tuple[str, ...]] = {}
        units |= {unit: (unit,) for unit in self._raw_history.units if unit not in self._catalogue.unit_by_code}
        for unit in self._catalogue.units_on(day):
            parts = tuple(code for code in makeup[unit.code] if code in self._raw_history.units)
            units |= {unit.code: parts} if parts else {}
        if units != self._units:
            self._units, self._calibration = units, None
            self._history = self._raw_history.made_up(units)
            self._outlook = Outlook(self._history, self._catalogue, self._calendar)

    def _target_day(self, number: int, day: dt.date) -> TargetDay:
        month = Month.of(day)
        starts = MonthStarts(month.first_day.toordinal(), month.previous.first_day.toordinal())
        calibration = self._calibrate(starts.start)
        units = self._history.units
        denominators = {
            unit: self._history.denominators[unit, number]
            for unit in units
            if (unit, number) in self._history.denominators
        }
        return TargetDay(
            day.toordinal(),
            starts,
            self._first(self._targets[number], day),
            {u: self._history.counts[u, number] for u in units if (u, number) in self._history.counts},
            denominators if number in self._flows else None,
            calibration.paces[number],
            calibration.spreads.get(number),
            self._thresholds,
        )

    def _calibrate(self, month: int) -> Calibration:
        if self._calibration is None or self._calibration[0] != month:
            self._calibration = month, calibrate(self._history, self._days, self._flows, month, self._thresholds)
        return self._calibration[1]

    def _first(self, target: Target, day: dt.date) -> int:
        """The first day (ordinal) that may serve as a base: a goal that changed since makes a new beginning."""
        dates = [since for since in sorted(target.goals)[1:] if self._history.first < since <= day]
        changed = [since for since in dates if asks_anew(self._catalogue, target, since)]
        return max([self._history.first, *changed]).toordinal()

    def _verdicts(self, days: dict[int, TargetDay], day: dt.date) -> Iterator[Verdict]:
        evidence = {
            (unit, number): each for number, one in days.items() for unit, each in one.strongest_evidence.items()
        }
        q = q_values({pair: each.p for pair, each in evidence.items()})
        for number, target_day in days.items():
            for unit in target_day.counts:
                pair = unit, number
                yield self._verdict(pair, target_day, evidence.get(pair), q.get(pair, 1.0), day)
            notice = province_verdict(number, target_day, day, self._thresholds)
            if notice:
                yield notice

    def _verdict(
        self, pair: Pair, target_day: TargetDay, evidence: StrongestEvidence | None, q: float, day: dt.date
    ) -> Verdict:
        unit, number = pair
        target = self._targets[number]
        direction, compared = self._qualified(unit, target_day, evidence, q)
        shown = compared or target_day.compare(target_day.main_spans).get(unit)
        split = self._outlook.split(pair, target, target_day.pace, target_day.main_spans)
        fell = split is not None and split.before - split.now >= self._thresholds.dilution
        assessment = Assessment(
            silent=self._outlook.silent(unit, day, self._thresholds.main_window),
            unchanged=self._outlook.unchanged(pair, day, self._thresholds.main_window),
            saturated=self._outlook.saturated(pair, target, day),
            testable=evidence is not None,
            diluted=fell and target_day.steady_numerator(unit),
            direction=direction,
        )
        stronger = None if evidence is None else evidence.stronger
        return Verdict(
            unit=unit,
            target=number,
            day=day,
            state=decide_state(assessment, flow=number in self._flows),
            diluted=assessment.diluted,
            split=split,
            evidence=evidence_model(stronger, q) if stronger else None,
            gate=comparison_model(shown, target_day.month_spans) if shown else None,
            projected_attainment=self._outlook.projected(
                pair, target, target_day.pace, day, self._thresholds.main_window
            ),
        )

    def _qualified(
        self, unit: str, target_day: TargetDay, evidence: StrongestEvidence | None, q: float
    ) -> tuple[Direction | None, PaceComparison | None]:
        """The direction in which both evidence and comparison hold, with the comparison."""
        thresholds = self._thresholds
        if evidence is None or q > thresholds.discovery_rate:
            return None, None
        stronger = evidence.stronger
        if min(stronger.p_lag, stronger.p_surge) > thresholds.level:
            return None, None
        comparison = target_day.qualifying(unit, evidence.direction, stronger.sample.window)
        return (evidence.direction, comparison) if comparison else (None, None)

    def _ratios(self, days: dict[int, TargetDay]) -> dict[Pair, float]:
        """How every pair, and the province, compares with its previous month today."""
        ratios: dict[Pair, float] = {}
        for number, target_day in days.items():
            compared = target_day.compare(target_day.main_spans)
            ratios |= {(unit, number): one.ratio for unit, one in compared.items()}
            if compared:
                ratios[PROVINCE, number] = next(iter(compared.values())).factor
        return ratios

    def _flag(self, alert: Alert, verdict: Verdict, day: dt.date) -> Flag:
        unit = self._catalogue.unit_by_code.get(alert.unit)
        sentences = flag_sentences(alert.direction, verdict, self._targets[alert.target], unit)
        return Flag(
            unit=None if alert.unit == PROVINCE else alert.unit,
            target=alert.target,
            direction=alert.direction,
            raised_on=day,
            verdict=verdict,
            sentence_vi=sentences.vi,
            sentence_en=sentences.en,
        )


def _direction(verdict: Verdict) -> Direction | None:
    directions: dict[State, Direction] = {"lags": "lag", "surges": "surge"}
    return directions.get(verdict.state)


def evaluate(
    history: DetectorHistory, catalogue: Catalogue, calendar: Calendar, day: dt.date, earlier: DetectorState
) -> Evaluation:
    """One run over one history: `Detector(history, catalogue, calendar).evaluate(day, earlier)`."""
    return Detector(history, catalogue, calendar).evaluate(day, earlier)

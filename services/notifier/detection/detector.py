"""The detector: from the daily counts known on a day to a verdict per unit and target, and the flags they become.

Pure. A run on day D is made on the morning of D and reads the days before D alone. The method, its sources
and what each part bought are in docs/decisions/0123-filter.md.
"""

import datetime as dt
from collections.abc import Iterator, Mapping

from services.notifier.detection.arrivals import Shares
from services.notifier.detection.calibration import THRESHOLDS, Calibration, Thresholds, calibrate
from services.notifier.detection.comparison import MonthStarts, PaceComparison
from services.notifier.detection.lifecycle import (
    Alert,
    DetectorState,
    Evaluation,
    add_standing,
    advance,
    drop_ended,
    drop_retired_units,
    pair_of,
)
from services.notifier.detection.outlook import Outlook, makeup_known
from services.notifier.detection.pace import Days
from services.notifier.detection.sentences import with_sentences
from services.notifier.detection.series import DetectorHistory, Pair
from services.notifier.detection.target_day import TargetDay
from services.notifier.detection.tracker import RatesByMonth, Suspicion, Tracker
from services.notifier.detection.verdicts import (
    Assessment,
    comparison_model,
    decide_state,
    evidence_model,
    province_rate_verdict,
    province_verdict,
    rate_moved,
    restated,
    supported,
    with_severity,
)
from shared.contracts.flags import Direction, Flag, Verdict
from shared.domain.calendar import Calendar
from shared.domain.catalogue import PROVINCE, Catalogue, Target
from shared.domain.months import Month
from shared.domain.unit_hierarchy import asks_anew


class Detector:
    """The detector over one history. The calibration of a month serves every run in it."""

    def __init__(
        self,
        history: DetectorHistory,
        catalogue: Catalogue,
        calendar: Calendar,
        thresholds: Thresholds = THRESHOLDS,
        rates: RatesByMonth | None = None,
    ) -> None:
        self._raw_history, self._history, self._catalogue = history, history, catalogue
        self._calendar, self._thresholds = calendar, thresholds
        self._targets = {number: catalogue.target_by_number[number] for number in history.targets}
        self._flows = {number for number, target in self._targets.items() if target.parts == "flows"}
        self._stocks = {number for number, target in self._targets.items() if target.parts == "stocks"}
        self._days = Days(calendar, history.first, history.last)
        self._calibration: tuple[int, Calibration] | None = None
        self._outlook = Outlook(history, catalogue, calendar)
        self._units: dict[str, tuple[str, ...]] = {}
        self._rates: RatesByMonth = {} if rates is None else rates
        self._tracker = Tracker(self._rates)

    def evaluate(self, day: dt.date, earlier: DetectorState, shares: Shares | None = None) -> Evaluation:
        """The run of `day`: every standing flag is restated with its numbers.

        `shares`: what has come by then of the days before (`learned_shares`); all of it where they are not given.
        On a day already run, and on no working day, nothing is raised and no streak counted.
        """
        self._see_units_of(day)
        late = {unit: known for unit, known in (shares or {}).items() if min(known) < 1}
        days = {target: self._target_day(target, day, late) for target in self._targets}
        verdicts = {(verdict.unit, verdict.target): verdict for verdict in self._verdicts(days, day)}
        ended, state = drop_retired_units(earlier, {*self._history.units, PROVINCE}, day)
        raised: list[Flag] = []
        run_already = earlier.last_run is not None and earlier.last_run >= day
        if not run_already and self._calendar.is_working_day(day):
            transition = advance(state, verdicts, self._stocks, day, self._thresholds)
            cleared, state = transition.cleared, transition.state
            raised = [self._flag(alert, verdicts[alert.unit, alert.target], day) for alert in transition.raise_now]
            state = add_standing(state, raised)
        else:
            cleared, state = drop_ended(state, verdicts, self._stocks, day)
        standing = tuple(self._restated(flag, verdicts, day) for flag in state.standing)
        verdicts |= {pair_of(flag): flag.verdict for flag in standing}
        names = {flag.key for flag in raised}
        return Evaluation(
            list(verdicts.values()),
            [flag for flag in standing if flag.key in names],
            ended + [self._over(flag, verdicts) for flag in cleared],
            state.model_copy(update={"standing": standing}),
        )

    def _see_units_of(self, day: dt.date) -> None:
        """Make the history that of the units of `day`, each with the days of those it took over from."""
        units = makeup_known(self._catalogue, self._raw_history.units, day)
        if units != self._units:
            if self._units:
                self._rates.clear()
            self._units, self._calibration, self._tracker = units, None, Tracker(self._rates)
            self._history = self._raw_history.made_up(units)
            self._outlook = Outlook(self._history, self._catalogue, self._calendar)

    def _target_day(self, number: int, day: dt.date, late: Shares) -> TargetDay:
        month = Month.of(day)
        starts = MonthStarts(
            month.first_day.toordinal(),
            month.previous.first_day.toordinal(),
            month.previous.previous.first_day.toordinal(),
        )
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
            {unit: calibration.paces[number].as_known(day.toordinal(), known) for unit, known in late.items()},
            calibration.in_lumps,
            self._thresholds,
        )

    def _calibrate(self, month: int) -> Calibration:
        if self._calibration is None or self._calibration[0] != month:
            self._calibration = month, calibrate(self._history, self._days, self._flows, month)
        return self._calibration[1]

    def _first(self, target: Target, day: dt.date) -> int:
        """The first day (ordinal) that may serve as a base: a goal that changed since makes a new beginning."""
        dates = [since for since in sorted(target.goals)[1:] if self._history.first < since <= day]
        changed = [since for since in dates if asks_anew(self._catalogue, target, since)]
        return max([self._history.first, *changed]).toordinal()

    def _verdicts(self, days: dict[int, TargetDay], day: dt.date) -> Iterator[Verdict]:
        month_start = Month.of(day).first_day.toordinal()
        suspicions = self._tracker.suspicions(day.toordinal(), month_start, days)
        for number, target_day in days.items():
            for unit in target_day.counts:
                pair = unit, number
                yield self._verdict(pair, target_day, suspicions.get(pair), day)
            notice = self._province_verdict(number, target_day, day)
            if notice:
                yield notice

    def _province_verdict(self, number: int, target_day: TargetDay, day: dt.date) -> Verdict | None:
        if number not in self._stocks:
            return province_verdict(number, target_day, day, self._thresholds)
        splits = self._outlook.splits(self._targets[number], target_day.pace, target_day.main_spans)
        return province_rate_verdict(number, target_day, day, splits, self._thresholds)

    def _verdict(self, pair: Pair, target_day: TargetDay, suspicion: Suspicion | None, day: dt.date) -> Verdict:
        unit, number = pair
        target = self._targets[number]
        direction, compared = self._qualified(unit, target_day, suspicion)
        spans = compared.spans if compared else target_day.main_spans
        shown = compared or target_day.compare(spans).get(unit)
        split = self._outlook.split(pair, target, target_day.pace, spans)
        if direction and split and number in self._stocks and not rate_moved(split, direction, self._thresholds):
            direction = None
        fell = split is not None and rate_moved(split, "lag", self._thresholds)
        assessment = Assessment(
            silent=self._outlook.silent(unit, day, self._thresholds.main_window),
            unchanged=self._outlook.unchanged(pair, spans.since, spans.until),
            saturated=self._outlook.saturated(pair, target, day),
            in_lumps=unit in target_day.in_lumps,
            testable=suspicion is not None,
            diluted=fell and (target_day.steady_numerator(unit) or (number in self._stocks and direction is None)),
            direction=direction,
        )
        supports = supported(assessment, flow=number in self._flows)
        return Verdict(
            unit=unit,
            target=number,
            day=day,
            state=decide_state(assessment, supports),
            direction=supports,
            diluted=assessment.diluted,
            split=split,
            evidence=evidence_model(suspicion, target_day) if suspicion else None,
            gate=comparison_model(shown, target_day) if shown else None,
            forecast=self._outlook.forecast(pair, target, day, spans),
        )

    def _qualified(
        self, unit: str, target_day: TargetDay, suspicion: Suspicion | None
    ) -> tuple[Direction | None, PaceComparison | None]:
        """The direction in which both chance and comparison hold, with the comparison."""
        if suspicion is None:
            return None, None
        direction: Direction = "lag" if suspicion.lag >= suspicion.surge else "surge"
        limits = self._thresholds
        if suspicion.lag < limits.lag_chance and suspicion.surge < limits.surge_chance:
            return None, None
        comparison = target_day.qualifying(unit, direction)
        return (direction, comparison) if comparison else (None, None)

    def _flag(self, alert: Alert, verdict: Verdict, day: dt.date) -> Flag:
        return Flag(
            unit=None if alert.unit == PROVINCE else alert.unit,
            target=alert.target,
            direction=alert.direction,
            raised_on=day,
            verdict=verdict,
            sentence_vi="",
            sentence_en="",
        )

    def _restated(self, flag: Flag, verdicts: Mapping[Pair, Verdict], day: dt.date) -> Flag:
        """The flag with the numbers and sentences of `day`."""
        target, pair = self._targets[flag.target], pair_of(flag)
        verdict = restated(verdicts[pair], flag.direction)
        distance = self._outlook.distance(pair, target, day) if flag.unit else 1.0
        return self._with_sentences(flag, with_severity(verdict, flag.direction, distance))

    def _over(self, flag: Flag, verdicts: Mapping[Pair, Verdict]) -> Flag:
        """A cleared flag with the verdict that ended it; as it is where there is nothing to compare."""
        verdict = verdicts.get(pair_of(flag))
        return self._with_sentences(flag, verdict) if verdict and verdict.gate else flag

    def _with_sentences(self, flag: Flag, verdict: Verdict) -> Flag:
        unit = self._catalogue.unit_by_code.get(verdict.unit)
        return with_sentences(flag, verdict, self._targets[flag.target], unit)


def evaluate(
    history: DetectorHistory, catalogue: Catalogue, calendar: Calendar, day: dt.date, earlier: DetectorState
) -> Evaluation:
    """One run over one history: `Detector(history, catalogue, calendar).evaluate(day, earlier)`."""
    return Detector(history, catalogue, calendar).evaluate(day, earlier)

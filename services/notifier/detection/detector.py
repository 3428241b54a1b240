"""The detector: from the daily figures known on a day to a verdict per unit and target, and the flags they
become.

Pure. A run on day D is made on the morning of D and reads the days before D alone. The method, its sources
and what each part bought are in docs/decisions/0010-detection.md.
"""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from services.notifier.detection.assessment import Judged, decide_state
from services.notifier.detection.calibration import Learned, learn
from services.notifier.detection.discoveries import q_values
from services.notifier.detection.findings import Compared, Finding, Month, TargetDay
from services.notifier.detection.lifecycle import KINDS, Alert, DetectorState, live, stand, without_gone
from services.notifier.detection.outlook import Outlook
from services.notifier.detection.pace import Days
from services.notifier.detection.province_notice import province_verdict
from services.notifier.detection.sentences import flag_sentences
from services.notifier.detection.serialise import written_evidence, written_gate
from services.notifier.detection.series import History, Pair
from services.notifier.detection.thresholds import RULES, Rules
from shared.contracts.flags import Direction, Flag, Verdict
from shared.domain.calendar import Calendar
from shared.domain.catalogue import PROVINCE, Catalogue, Target
from shared.domain.goals import asks_anew
from shared.domain.unit_hierarchy import makeup_on


class Evaluation(NamedTuple):
    """What one run says. `verdicts` has every pair and, where the whole province moved, a row per target for
    it.
    """

    verdicts: list[Verdict]
    raised: list[Flag]
    cleared: list[Flag]
    state: DetectorState


class Detector:
    """The detector over one history. What a month has learned is kept for the next run of that month."""

    def __init__(self, history: History, catalogue: Catalogue, calendar: Calendar, rules: Rules = RULES) -> None:
        self._told, self._history, self._catalogue = history, history, catalogue
        self._calendar, self._rules = calendar, rules
        self._targets = {number: catalogue.target_by_number[number] for number in history.targets}
        self._flows = {number for number, target in self._targets.items() if target.parts == "flows"}
        self._days = Days(calendar, history.first, history.last)
        self._learned: tuple[int, Learned] | None = None
        self._outlook = Outlook(history, catalogue, calendar)
        self._units: dict[str, tuple[str, ...]] = {}

    def evaluate(self, day: dt.date, earlier: DetectorState) -> Evaluation:
        """The run of `day`. On a day already run, or no working day, the verdicts are given and nothing is
        flagged.
        """
        self._see_units_of(day)
        days = {target: self._target_day(target, day) for target in self._targets}
        verdicts = list(self._verdicts(days, day))
        if not self._calendar.is_working_day(day) or (earlier.last_run and earlier.last_run >= day):
            return Evaluation(verdicts, [], [], earlier)
        said = {Alert(v.unit, v.target, kind): v for v in verdicts if (kind := _kind(v))}
        ended, known = without_gone(earlier, {*self._history.units, PROVINCE}, day)
        life = live(known, set(said), self._ratios(days), day, self._rules)
        raised = [self._flag(alert, said[alert], day) for alert in life.raise_now]
        return Evaluation(verdicts, raised, ended + life.cleared, stand(life.state, raised))

    def _see_units_of(self, day: dt.date) -> None:
        """Make the history that of the units of `day`, each with the days of those it took over from.

        Units that the catalogue does not know stand for themselves.
        """
        makeup = makeup_on(self._catalogue, day)
        units: dict[str, tuple[str, ...]] = {}
        units |= {unit: (unit,) for unit in self._told.units if unit not in self._catalogue.unit_by_code}
        for unit in self._catalogue.units_on(day):
            parts = tuple(code for code in makeup[unit.code] if code in self._told.units)
            units |= {unit.code: parts} if parts else {}
        if units != self._units:
            self._units, self._learned = units, None
            self._history = self._told.made_up(units)
            self._outlook = Outlook(self._history, self._catalogue, self._calendar)

    def _target_day(self, number: int, day: dt.date) -> TargetDay:
        month = day.replace(day=1)
        previous = (month - dt.timedelta(days=1)).replace(day=1)
        learned = self._learn(month.toordinal())
        units = self._history.units
        of = {unit: self._history.of[unit, number] for unit in units if (unit, number) in self._history.of}
        return TargetDay(
            day.toordinal(),
            Month(month.toordinal(), previous.toordinal()),
            self._first(self._targets[number], day),
            {u: self._history.counts[u, number] for u in units if (u, number) in self._history.counts},
            of if number in self._flows else None,
            learned.paces[number],
            learned.spreads.get(number),
            self._rules,
        )

    def _learn(self, month: int) -> Learned:
        if self._learned is None or self._learned[0] != month:
            self._learned = month, learn(self._history, self._days, self._flows, month, self._rules)
        return self._learned[1]

    def _first(self, target: Target, day: dt.date) -> int:
        """The first day (ordinal) that may serve as a base: a goal that changed since makes a new beginning."""
        dates = [since for since in sorted(target.goals)[1:] if self._history.first < since <= day]
        changed = [since for since in dates if asks_anew(self._catalogue, target, since)]
        return max([self._history.first, *changed]).toordinal()

    def _verdicts(self, days: dict[int, TargetDay], day: dt.date) -> Iterator[Verdict]:
        findings = {(u, t): found for t, one in days.items() for u, found in one.findings.items()}
        q = q_values({pair: found.p for pair, found in findings.items()})
        for number, target_day in days.items():
            for unit in target_day.counts:
                pair = unit, number
                yield self._verdict(pair, target_day, findings.get(pair), q.get(pair, 1.0), day)
            notice = province_verdict(number, target_day, day, self._rules)
            if notice:
                yield notice

    def _verdict(self, pair: Pair, target_day: TargetDay, found: Finding | None, q: float, day: dt.date) -> Verdict:
        unit, number = pair
        target = self._targets[number]
        kind, compared = self._qualified(unit, target_day, found, q)
        shown = compared or target_day.compare(target_day.main_spans).get(unit)
        split = self._outlook.split(pair, target, target_day.pace, target_day.main_spans)
        fell = split is not None and split.before - split.now >= self._rules.dilution
        judged = Judged(
            silent=self._outlook.silent(unit, day, self._rules.main_window),
            unchanged=self._outlook.unchanged(pair, day, self._rules.main_window),
            saturated=self._outlook.saturated(pair, target, day),
            testable=found is not None,
            diluted=fell and target_day.kept_pace(unit),
            kind=kind,
        )
        tested = None if found is None else found.lag if found.lag.p_lag <= found.surge.p_surge else found.surge
        return Verdict(
            unit=unit,
            target=number,
            day=day,
            state=decide_state(judged, flow=number in self._flows),
            diluted=judged.diluted,
            split=split,
            evidence=written_evidence(tested, q) if tested else None,
            gate=written_gate(shown, target_day.month_spans) if shown else None,
            projected_attainment=self._outlook.projected(pair, target, target_day.pace, day, self._rules.main_window),
        )

    def _qualified(
        self, unit: str, target_day: TargetDay, found: Finding | None, q: float
    ) -> tuple[Direction | None, Compared | None]:
        """The direction in which both evidence and gate hold, with the comparison of the gate."""
        rules = self._rules
        if found is None or q > rules.discovery_rate:
            return None, None
        kind: Direction = "lag" if found.lag.p_lag <= found.surge.p_surge else "surge"
        tested = found.lag if kind == "lag" else found.surge
        if min(tested.p_lag, tested.p_surge) > rules.level:
            return None, None
        gate = target_day.gate(unit, kind, tested.sample.window)
        return (kind, gate) if gate else (None, None)

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
        said = flag_sentences(alert.kind, verdict, self._targets[alert.target], unit)
        return Flag(
            unit=None if alert.unit == PROVINCE else alert.unit,
            target=alert.target,
            direction=alert.kind,
            raised_on=day,
            verdict=verdict,
            sentence_vi=said.vi,
            sentence_en=said.en,
        )


def _kind(verdict: Verdict) -> Direction | None:
    for kind, state in zip(KINDS, ("lags", "surges"), strict=True):
        if verdict.state == state:
            return kind
    return None


def evaluate(
    history: History, catalogue: Catalogue, calendar: Calendar, day: dt.date, earlier: DetectorState
) -> Evaluation:
    """One run over one history: `Detector(history, catalogue, calendar).evaluate(day, earlier)`."""
    return Detector(history, catalogue, calendar).evaluate(day, earlier)

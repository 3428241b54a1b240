"""Verdicts: the state a unit and target is in, the province's own verdict, and the numbers as they are stored. Pure."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

from scipy.special import betainc

from services.notifier.detection.baseline import Sample, Window
from services.notifier.detection.calibration import Thresholds
from services.notifier.detection.comparison import ObservedExpected, PaceComparison
from services.notifier.detection.target_day import TargetDay
from services.notifier.detection.tracker import Suspicion
from shared.contracts.flags import Direction, Evidence, Gate, RateSplit, State, Verdict
from shared.domain.catalogue import PROVINCE

date = dt.date.fromordinal

STATE_OF: Final[dict[Direction, State]] = {"lag": "lags", "surge": "surges"}

LEAST_DISTANCE = 0.05
"""A unit close to its goal is ranked low, but still ranked."""


class Assessment(NamedTuple):
    """What is known of one unit and target on one day; `direction` where both evidence and comparison hold."""

    silent: bool
    unchanged: bool
    saturated: bool
    in_lumps: bool
    testable: bool
    diluted: bool
    direction: Direction | None


def supported(assessment: Assessment, *, flow: bool) -> Direction | None:
    """The direction that may be flagged.

    A unit that sent nothing for any target is silent: that is a question about its reports, not seven lags. A ratio of
    flows whose numerator held its pace was diluted, so its fall is no lag; a ratio of stocks is tested by its numerator
    and needs no such exception.
    """
    if assessment.silent or assessment.saturated:
        return None
    if assessment.direction == "lag" and flow and assessment.diluted:
        return None
    return assessment.direction


def decide_state(assessment: Assessment, direction: Direction | None) -> State:
    """The state, the strongest reason not to flag first; `direction` is the supported one."""
    if assessment.silent:
        return "silent"
    if assessment.saturated:
        return "saturated"
    if assessment.in_lumps:
        return "in_lumps"
    if assessment.unchanged:
        return "no_change"
    if direction:
        return STATE_OF[direction]
    return "steady" if assessment.testable else "too_few"


def with_severity(verdict: Verdict, direction: Direction, distance: float) -> Verdict:
    """The verdict with how much help its flag asks for, 0 to 100: size x confidence x distance to the goal.

    Size is how far the unit is from its own previous pace, 0 to 1; confidence the chance that it is changed,
    one half where nothing could be tested; `distance` the share of the goal that is missing.
    """
    ratio, evidence = verdict.gate.own_ratio if verdict.gate else None, verdict.evidence
    if direction == "lag":
        size = 1.0 if ratio is None else max(0.0, 1 - ratio)
    else:
        size = 1.0 if not ratio else max(0.0, 1 - 1 / ratio)
    changed = 0.5 if evidence is None else evidence.p_lag if direction == "lag" else evidence.p_surge
    severity = 100 * size * changed * max(LEAST_DISTANCE, distance)
    return verdict.model_copy(update={"severity": round(severity, 1)})


def restated(verdict: Verdict, direction: Direction) -> Verdict:
    """The verdict of a standing flag of `direction`: steady or hardly testable days do not end it at once."""
    state = STATE_OF[direction] if verdict.state in ("steady", "too_few") else verdict.state
    return verdict.model_copy(update={"state": state, "direction": direction})


def evidence_model(suspicion: Suspicion, target_day: TargetDay) -> Evidence:
    """The evidence of one unit."""
    since, until = target_day.tested_span
    return Evidence(
        window_from=date(since),
        window_to=date(until),
        observed=suspicion.observed,
        observed_of=suspicion.observed_of,
        expected=round(suspicion.expected, 2),
        p_lag=round(suspicion.lag, 4),
        p_surge=round(suspicion.surge, 4),
    )


def comparison_model(compared: PaceComparison, target_day: TargetDay) -> Gate:
    """The comparison of one unit."""
    spans = compared.spans
    return Gate(
        basis=target_day.basis(spans),
        since=date(spans.since),
        until=date(spans.until),
        previous_since=date(spans.previous_since),
        previous_until=date(spans.previous_until),
        observed=compared.observed,
        expected=compared.expected,
        ratio=compared.observed / compared.expected if compared.expected else None,
        province_factor=compared.factor,
        previous=compared.previous,
        own_expected=compared.own_expected,
        observed_of=compared.observed_of,
        previous_of=compared.previous_of,
        arrived=compared.arrived,
    )


def province_verdict(number: int, target_day: TargetDay, day: dt.date, thresholds: Thresholds) -> Verdict | None:
    """The province's own verdict, where its factor over the main window is in use and the units agree on it.

    Agreement is a sign test over the units; the sums of all units, compared with the previous month or the
    days before the window, must have moved as far.
    """
    window = target_day.main_window
    samples = target_day.samples(window) if window else {}
    factor = target_day.factor(samples)
    if window is None or factor == 1.0:
        return None
    direction: Direction = "lag" if factor < 1 else "surge"
    votes = [ObservedExpected(one.observed, one.expected) for one in samples.values()]
    chances = sign_test(votes, thresholds.least_expected)
    comparison = _far_enough(target_day, direction, thresholds)
    if min(chances) > thresholds.level or comparison is None:
        return None
    verdict = _province(number, day, direction, comparison_model(comparison, target_day))
    return verdict.model_copy(update={"evidence": _province_evidence(list(samples.values()), window, factor, chances)})


def province_rate_verdict(
    number: int, target_day: TargetDay, day: dt.date, splits: Sequence[RateSplit], limits: Thresholds
) -> Verdict | None:
    """The province's verdict for a ratio of stocks: its rate moved by a point or more, and most units' with it.

    `splits` are the province's and after it those of the units, which agree by a sign test.
    """
    if not splits:
        return None
    split, *units = splits
    direction: Direction = "lag" if split.now < split.before else "surge"
    total = target_day.total(target_day.main_spans)
    chances = sign_test([ObservedExpected(unit.now, unit.before) for unit in units], 0)
    if total is None or not rate_moved(split, direction, limits) or min(chances) > limits.level:
        return None
    verdict = _province(number, day, direction, comparison_model(total, target_day))
    return verdict.model_copy(update={"split": split})


def _province(number: int, day: dt.date, direction: Direction, gate: Gate) -> Verdict:
    return Verdict(unit=PROVINCE, target=number, day=day, state=STATE_OF[direction], direction=direction, gate=gate)


def rate_moved(split: RateSplit, direction: Direction, thresholds: Thresholds) -> bool:
    """Whether a rate moved this way, by a percentage point or more."""
    change = split.now - split.before
    return (-change if direction == "lag" else change) >= thresholds.dilution


def _far_enough(target_day: TargetDay, direction: Direction, thresholds: Thresholds) -> PaceComparison | None:
    months = target_day.month_spans or target_day.completed_spans
    for spans in (months, target_day.window_spans):
        total = target_day.total(spans) if spans else None
        if total and total.passes(direction, 1 / thresholds.province_change, thresholds.province_change):
            return total
    return None


def _province_evidence(samples: list[Sample], window: Window, factor: float, chances: tuple[float, float]) -> Evidence:
    """The units' sums, and how unlikely it is that as many moved one way by luck."""
    lag, surge = chances
    flows = samples[0].observed_of is not None
    return Evidence(
        window_from=date(window.since),
        window_to=date(window.until),
        observed=sum(one.observed for one in samples),
        observed_of=sum(one.observed_of or 0 for one in samples) if flows else None,
        expected=sum(one.expected for one in samples) * factor,
        p_lag=1 - lag,
        p_surge=1 - surge,
    )


def sign_test(units: Sequence[ObservedExpected], least: float) -> tuple[float, float]:
    """The chance that as many units, or more, lie below and above what was expected if either were as likely.

    P(Bin(n, 1/2) >= k) = I_1/2(k, n - k + 1) (NIST DLMF 8.17.5). Units with less than `least` expected do not
    vote.
    """
    voters = [unit for unit in units if unit.expected >= least]
    below = sum(unit.observed < unit.expected for unit in voters)
    above = sum(unit.observed > unit.expected for unit in voters)
    return _at_least(below, len(voters)), _at_least(above, len(voters))


def _at_least(k: int, n: int) -> float:
    return float(betainc(k, n - k + 1, 0.5)) if k else 1.0

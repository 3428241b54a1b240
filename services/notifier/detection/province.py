"""The province's own verdict: one notice for a change that hits every unit alike, not an alert per unit. Pure."""

import datetime as dt
from collections.abc import Sequence

from scipy.special import betainc

from services.notifier.detection.comparison import ObservedExpected, PaceComparison, passes
from services.notifier.detection.evidence import Sample, TailProbabilities, Window
from services.notifier.detection.target_day import TargetDay
from services.notifier.detection.thresholds import Thresholds
from services.notifier.detection.verdicts import comparison_model, evidence_model
from shared.contracts.flags import Direction, Verdict
from shared.domain.catalogue import PROVINCE


def province_verdict(number: int, target_day: TargetDay, day: dt.date, thresholds: Thresholds) -> Verdict | None:
    """The province's own verdict, where its factor over the main window is in use and the units agree on it.

    Agreement is a sign test over the units; the sums of all units, compared with the previous month or the
    days before the window, must have moved as far.
    """
    window = next((w for w in target_day.windows if w.until - w.since + 1 == thresholds.main_window), None)
    samples = target_day.samples(window) if window else {}
    factor = target_day.factor(samples)
    if window is None or factor == 1.0:
        return None
    direction: Direction = "lag" if factor < 1 else "surge"
    votes = [ObservedExpected(one.observed, one.expected) for one in samples.values()]
    p_lag, p_surge = sign_test(votes, thresholds.least_expected)
    comparison = _far_enough(target_day, window, direction, thresholds)
    if min(p_lag, p_surge) > thresholds.level or comparison is None:
        return None
    total = _total(list(samples.values()), window)
    tested = TailProbabilities(total, factor, total.expected, None, None, p_lag, p_surge)
    return Verdict(
        unit=PROVINCE,
        target=number,
        day=day,
        state="lags" if direction == "lag" else "surges",
        evidence=evidence_model(tested, min(1.0, 2 * min(p_lag, p_surge))),
        gate=comparison_model(comparison, target_day.month_spans),
    )


def _far_enough(
    target_day: TargetDay, window: Window, direction: Direction, thresholds: Thresholds
) -> PaceComparison | None:
    for spans in (target_day.month_spans, target_day.window_spans(window)):
        total = target_day.total(spans) if spans else None
        if total and passes(total.ratio, direction, 1 / thresholds.province_change, thresholds.province_change):
            return total
    return None


def _total(samples: list[Sample], window: Window) -> Sample:
    """The units' sums; the base's effective days are the mean over the units."""
    flow = samples[0].observed_of is not None
    return Sample(
        window,
        sum(one.observed for one in samples),
        sum(one.base for one in samples),
        sum(one.base_effective for one in samples) / len(samples),
        sum(one.expected for one in samples),
        sum(one.observed_of or 0 for one in samples) if flow else None,
        sum(one.base_of or 0 for one in samples) if flow else None,
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

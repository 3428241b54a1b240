"""The one notice for a change that hits every unit alike, in place of an alert per unit."""

import datetime as dt

from services.notifier.detection.comparison import passes
from services.notifier.detection.evidence import Sample, Tested, Window
from services.notifier.detection.findings import Compared, TargetDay
from services.notifier.detection.province import Comparison, sign_test
from services.notifier.detection.serialise import written_evidence, written_gate
from services.notifier.detection.thresholds import Rules
from shared.contracts.flags import Direction, Verdict
from shared.domain.catalogue import PROVINCE


def province_verdict(number: int, target_day: TargetDay, day: dt.date, rules: Rules) -> Verdict | None:
    """The province's own verdict, where its factor over the main window is in use and the units agree on it.

    Agreement is a sign test over the units; the sums of all units, compared with the previous month or the
    days before the window, must have moved as far.
    """
    window = next((w for w in target_day.windows if w.until - w.since + 1 == rules.main_window), None)
    samples = target_day.samples(window) if window else {}
    factor = target_day.factor(samples)
    if window is None or factor == 1.0:
        return None
    kind: Direction = "lag" if factor < 1 else "surge"
    votes = [Comparison(one.observed, one.expected) for one in samples.values()]
    p_lag, p_surge = sign_test(votes, rules.least_expected)
    gate = _gate(target_day, window, kind, rules)
    if min(p_lag, p_surge) > rules.level or gate is None:
        return None
    total = _total(list(samples.values()), window)
    tested = Tested(total, factor, total.expected, None, None, p_lag, p_surge)
    return Verdict(
        unit=PROVINCE,
        target=number,
        day=day,
        state="lags" if kind == "lag" else "surges",
        evidence=written_evidence(tested, min(1.0, 2 * min(p_lag, p_surge))),
        gate=written_gate(gate, target_day.month_spans),
    )


def _gate(target_day: TargetDay, window: Window, kind: Direction, rules: Rules) -> Compared | None:
    for spans in (target_day.month_spans, target_day.window_spans(window)):
        total = target_day.total(spans) if spans else None
        if total and passes(total.ratio, kind, 1 / rules.province_change, rules.province_change):
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

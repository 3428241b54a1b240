"""The numbers of a test and of a comparison as the models that are stored with a flag."""

import datetime as dt

from services.notifier.detection.comparison import Spans
from services.notifier.detection.evidence import Tested
from services.notifier.detection.findings import Compared
from shared.contracts.flags import Evidence, Gate

date = dt.date.fromordinal


def written_evidence(tested: Tested, q: float) -> Evidence:
    """The evidence of one unit."""
    sample, window = tested.sample, tested.sample.window
    return Evidence(
        window_from=date(window.since),
        window_to=date(window.until),
        base_from=date(window.base_since),
        base_to=date(window.base_until),
        observed=sample.observed,
        base=sample.base,
        base_effective=sample.base_effective,
        observed_of=sample.observed_of,
        base_of=sample.base_of,
        expected=tested.expected,
        province_factor=tested.province_factor,
        overdispersion=tested.overdispersion,
        drift=tested.drift,
        p_lag=tested.p_lag,
        p_surge=tested.p_surge,
        q=q,
    )


def written_gate(compared: Compared, month: Spans | None) -> Gate:
    """The comparison of one unit; `month` are the spans of month to date, to tell its basis by."""
    spans = compared.spans
    return Gate(
        basis="month" if spans == month else "window",
        since=date(spans.since),
        until=date(spans.until),
        previous_since=date(spans.previous_since),
        previous_until=date(spans.previous_until),
        observed=compared.observed,
        expected=compared.expected,
        ratio=compared.observed / compared.expected if compared.expected else None,
        province_factor=compared.factor,
    )

"""Verdicts: the state a unit and target is in, and the numbers of its test and comparison as they are stored. Pure."""

import datetime as dt
from typing import NamedTuple

from services.notifier.detection.comparison import PaceComparison, Spans
from services.notifier.detection.evidence import TailProbabilities
from shared.contracts.flags import Direction, Evidence, Gate, State

date = dt.date.fromordinal


class Assessment(NamedTuple):
    """What is known of one unit and target on one day; `direction` where both evidence and comparison hold."""

    silent: bool
    unchanged: bool
    saturated: bool
    testable: bool
    diluted: bool
    direction: Direction | None


def decide_state(assessment: Assessment, *, flow: bool) -> State:
    """The state, the strongest reason not to flag first.

    A unit that sent nothing for any target is silent: that is a question about its reports, not seven lags. A
    ratio of flows whose numerator held its pace was diluted, so its fall is no lag; a ratio of stocks is
    tested by its numerator and needs no such exception.
    """
    if assessment.silent:
        return "silent"
    if assessment.saturated:
        return "saturated"
    if assessment.direction == "surge":
        return "surges"
    if assessment.direction == "lag" and not (flow and assessment.diluted):
        return "lags"
    if assessment.unchanged:
        return "no_change"
    return "steady" if assessment.testable else "too_few"


def evidence_model(tails: TailProbabilities, q: float) -> Evidence:
    """The evidence of one unit."""
    sample, window = tails.sample, tails.sample.window
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
        expected=tails.expected,
        province_factor=tails.province_factor,
        overdispersion=tails.overdispersion,
        drift=tails.drift,
        p_lag=tails.p_lag,
        p_surge=tails.p_surge,
        q=q,
    )


def comparison_model(compared: PaceComparison, month: Spans | None) -> Gate:
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

"""The practical gate: the comparison with the previous month, at the same working-day pace, that a leader is
shown.

Days are ordinals; spans include both ends.
"""

from typing import NamedTuple

from services.notifier.detection.pace import Pace
from services.notifier.detection.series import Series
from shared.contracts.flags import Direction


class Spans(NamedTuple):
    """The days looked at and the days whose pace is expected of them."""

    since: int
    until: int
    previous_since: int
    previous_until: int


class Measured(NamedTuple):
    """One unit between two spans: the count and what the previous pace expects, without the province's
    factor.

    For a ratio of flows these are numerators, expected at the previous rate of the denominators `of` that
    came in.
    """

    observed: int
    expected: float
    of: int | None = None


def month_spans(day: int, month_start: int, previous_start: int, first: int, pace: Pace, least: float) -> Spans | None:
    """Month to date against the previous month; None before `least` effective days on both sides."""
    spans = Spans(month_start, day - 1, max(first, previous_start), month_start - 1)
    enough = (
        pace.effective(spans.since, spans.until) >= least
        and pace.effective(spans.previous_since, spans.previous_until) >= least
    )
    return spans if enough else None


def window_spans(since: int, until: int, previous_days: int, first: int) -> Spans:
    """A window against the days before it, none before `first`."""
    return Spans(since, until, max(first, since - previous_days), since - 1)


def measure_count(series: Series, pace: Pace, spans: Spans) -> Measured | None:
    """Counts; None where the previous span had no effective day."""
    before = pace.effective(spans.previous_since, spans.previous_until)
    if not before:
        return None
    share = pace.effective(spans.since, spans.until) / before
    expected = series.done(spans.previous_since, spans.previous_until) * share
    return Measured(series.done(spans.since, spans.until), expected)


def measure_flow(numerator: Series, denominator: Series, spans: Spans) -> Measured | None:
    """A ratio of flows; None where either denominator is zero."""
    of = denominator.done(spans.since, spans.until)
    previous_of = denominator.done(spans.previous_since, spans.previous_until)
    if not of or not previous_of:
        return None
    expected = numerator.done(spans.previous_since, spans.previous_until) / previous_of * of
    return Measured(numerator.done(spans.since, spans.until), expected, of)


def passes(ratio: float, kind: Direction, at_most: float, at_least: float) -> bool:
    """Whether observed / expected is far enough from 1 to matter in this direction."""
    return ratio <= at_most if kind == "lag" else ratio >= at_least

"""What is said of a ratio target: how its rate moved, why, and which units stand out."""

from services.reports.statements.model import Kind, Mention, Number, Statement
from services.reports.statements.parts import about_units, cell, rate
from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import PROVINCE
from shared.domain.rounding import half_up
from shared.domain.snapshot import RateChange, Snapshot

ABOVE_COMMON = 0.04
"""A unit's rate stands out when it is this far above the province's: 4 percentage points."""


def rate_statements(snapshot: Snapshot, units: list[ProgressRow], province: ProgressRow) -> list[Statement]:
    """The rate's change with its cause, and the units above the common level."""
    change = next(one for one in snapshot.rates if (one.target, one.unit) == (province.target, PROVINCE))
    return [*_rate_change(province, change), *_above_common(units, province)]


def is_diluted(change: RateChange) -> bool:
    """Whether the rate fell although its numerator grew: the denominator grew faster."""
    return _cause(change) == "rate_diluted"


def _cause(change: RateChange) -> Kind | None:
    """Which part moved the rate, if it prints as moved; None where there is no rate now or was none before."""
    if change.rate is None or change.previous_rate is None:
        return None
    if half_up(change.rate * 100, 1) == half_up(change.previous_rate * 100, 1):
        return "rate_same"
    if change.rate < change.previous_rate:
        return "rate_diluted" if change.numerator_increase >= 0 else "rate_fewer"
    return "rate_outpaced" if change.denominator_increase >= 0 else "rate_shrunk"


def _rate_change(province: ProgressRow, change: RateChange) -> list[Statement]:
    kind = _cause(change)
    if kind is None:
        return []
    numbers = {
        "rate": rate(province, "rate", change.rate, 1),
        "previous_rate": rate(province, "previous_rate", change.previous_rate, 1),
        "numerator_increase": _change(province, "numerator_increase", change.numerator_increase),
        "denominator_increase": _change(province, "denominator_increase", change.denominator_increase),
        "from_denominator": _points(cell(province, "from_denominator"), change.from_denominator),
    }
    known = {name: number for name, number in numbers.items() if number is not None}
    return [Statement(kind=kind, target=province.target, numbers=known)]


def _above_common(units: list[ProgressRow], province: ProgressRow) -> list[Statement]:
    common = province.achieved
    if common is None:
        return []
    high = [row for row in units if row.achieved is not None and row.achieved >= common + ABOVE_COMMON]
    if not high:
        return []
    high.sort(key=lambda row: -(row.achieved or 0))
    level = Number(value=common, form="percent", digits=1, refs=(cell(province, "achieved"),))
    above = about_units(
        "above_common", province.target, units, high, "achieved", mention=_with_rate, more={"common": level}
    )
    return [above]


def _with_rate(row: ProgressRow) -> Mention:
    return Mention(unit=row.unit, number=rate(row, "achieved", row.achieved, 0))


def _points(ref: str, value: float | None) -> Number | None:
    return None if value is None else Number(value=value, form="points", digits=1, refs=(ref,))


def _change(row: ProgressRow, field: str, value: int) -> Number:
    return Number(value=value, form="change", refs=(cell(row, field),))

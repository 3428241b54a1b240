"""The statements a snapshot calls for, target by target: those of Notice 434, stated for any month. Pure.

The thresholds are the whole policy; docs/decisions/0040-notice-statements.md gives the reasons.
"""

from collections.abc import Iterator, Sequence

from services.reports.statements.statement import (
    NAMED_AT_MOST,
    Mention,
    ReferencedNumber,
    Statement,
    StatementType,
    about_units,
    attainment,
    rate,
    reference,
    whole,
)
from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import PROVINCE
from shared.domain.formatting import half_up
from shared.domain.snapshot import RateChange, Snapshot

STRONG_GROWTH = 0.75
"""A unit's cumulative figure grew by this share of itself in a month: a positive change."""
LITTLE_GROWTH = 0.05
"""A unit that grew, but by less than this, hardly changed."""
ABOVE_COMMON = 0.04
"""A unit's rate stands out when it is this far above the province's: 4 percentage points."""


def target_numbers(snapshot: Snapshot) -> list[int]:
    """The targets of the snapshot, in its order."""
    return list(dict.fromkeys(row.target for row in snapshot.rows))


def target_statements(snapshot: Snapshot, target: int) -> list[Statement]:
    """The statements about one target, in the order of the notice."""
    rows = [row for row in snapshot.rows if row.target == target]
    units = [row for row in rows if row.unit != PROVINCE]
    province = next(row for row in rows if row.unit == PROVINCE)
    if province.numerator is not None:
        total = [_ratio_total(province), *_goal_statements(units, province)]
        return total + _rate_statements(snapshot, units, province)
    total = [_count_total(province), *_goal_statements(units, province)]
    return total + [statement for statements_of in _COUNT_STATEMENTS for statement in statements_of(units)]


def _count_total(row: ProgressRow) -> Statement:
    numbers = {"achieved": whole(row, "achieved", row.achieved), "goal": whole(row, "goal", row.goal)}
    numbers["attainment"] = attainment(row)
    return _total("total_count" if numbers["attainment"] is not None else "total_plain", row, numbers)


def _ratio_total(row: ProgressRow) -> Statement:
    numbers = {
        "numerator": whole(row, "numerator", row.numerator),
        "denominator": whole(row, "denominator", row.denominator),
        "rate": rate(row, "achieved", row.achieved, 1),
        "goal": rate(row, "goal", row.goal, 0),
    }
    if row.achieved is None:
        return _total("total_none", row, {})
    return _total("total_ratio" if row.goal is not None else "total_ratio_plain", row, numbers)


def _total(type_: StatementType, row: ProgressRow, numbers: dict[str, ReferencedNumber | None]) -> Statement:
    known = {name: number for name, number in numbers.items() if number is not None}
    return Statement(type=type_, target=row.target, numbers=known)


def _goal_statements(units: list[ProgressRow], province: ProgressRow) -> Iterator[Statement]:
    over = [row for row in units if row.attainment is not None and row.attainment > 1]
    at = [row for row in units if row.attainment == 1]
    if over:
        share = _share_of_goal(units, over, province)
        yield about_units("over_goal", province.target, units, over, "attainment", more=share)
    if at:
        yield about_units("at_goal", province.target, units, at, "attainment")


def _share_of_goal(
    units: list[ProgressRow], over: list[ProgressRow], province: ProgressRow
) -> dict[str, ReferencedNumber]:
    """The share of the goal that the units over it hold, where their number seems to contradict the total.

    Seven of 20 units over 100 % at 11.8 % in total are explained by their share, 0.3 % of the goal.
    """
    total, goal = province.attainment, province.goal
    if province.numerator is not None or total is None or not goal or len(over) <= total * len(units):
        return {}
    value = sum(row.goal for row in over if row.goal is not None) / goal
    refs = (*(reference(row, "goal") for row in over), reference(province, "goal"))
    return {"share": ReferencedNumber(value=value, form="percent", digits=1, refs=refs, derivation="share")}


def _no_change(units: list[ProgressRow]) -> Iterator[Statement]:
    same = [row for row in units if row.increase == 0]
    if same:
        yield about_units("no_change", units[0].target, units, same, "increase")


def _grew(units: list[ProgressRow]) -> Iterator[Statement]:
    """From STRONG_GROWTH on while they can be named; where they are only counted, those above it."""
    grown = [row for row in units if row.growth is not None and row.growth >= STRONG_GROWTH]
    if len(grown) > NAMED_AT_MOST:
        grown = [row for row in grown if row.growth is not None and row.growth > STRONG_GROWTH]
    grown.sort(key=lambda row: -(row.growth or 0))
    if grown:
        yield about_units("grew", units[0].target, units, grown, "growth", mention=_with_growth)


def _from_zero(units: list[ProgressRow]) -> Iterator[Statement]:
    new = [row for row in units if row.growth is None and row.increase]
    if new:
        yield about_units("from_zero", units[0].target, units, new, "increase")


def _little_change(units: list[ProgressRow]) -> Iterator[Statement]:
    slow = hardly_changed(units)
    if slow:
        yield about_units("little_change", units[0].target, units, slow, "growth", mention=_with_growth)


def hardly_changed(units: Sequence[ProgressRow]) -> list[ProgressRow]:
    """Units below their goal that grew, but by less than LITTLE_GROWTH."""
    return [
        row for row in units if row.growth is not None and 0 < row.growth < LITTLE_GROWTH and (row.attainment or 0) < 1
    ]


def _slower(units: list[ProgressRow]) -> Iterator[Statement]:
    slower = [
        row
        for row in units
        if row.increase is not None and row.previous_increase is not None and row.increase < row.previous_increase
    ]
    if slower:
        yield about_units("slower", units[0].target, units, slower, "increase")


def _with_growth(row: ProgressRow) -> Mention:
    number = ReferencedNumber(value=row.growth or 0, form="percent", refs=(reference(row, "growth"),))
    return Mention(unit=row.unit, number=number)


def _rate_statements(snapshot: Snapshot, units: list[ProgressRow], province: ProgressRow) -> list[Statement]:
    """The rate's change with its cause, and the units above the common level."""
    change = next(row for row in snapshot.rates if (row.target, row.unit) == (province.target, PROVINCE))
    return [*_rate_change(province, change), *_above_common(units, province)]


def is_diluted(change: RateChange) -> bool:
    """Whether the rate fell although its numerator grew: the denominator grew faster."""
    return _cause(change) == "rate_diluted"


def _cause(change: RateChange) -> StatementType | None:
    """Which part moved the rate, if it prints as moved; None where there is no rate now or was none before."""
    if change.rate is None or change.previous_rate is None:
        return None
    if half_up(change.rate * 100, 1) == half_up(change.previous_rate * 100, 1):
        return "rate_same"
    if change.rate < change.previous_rate:
        return "rate_diluted" if change.numerator_increase >= 0 else "rate_fewer"
    return "rate_outpaced" if change.denominator_increase >= 0 else "rate_shrunk"


def _rate_change(province: ProgressRow, change: RateChange) -> list[Statement]:
    type_ = _cause(change)
    if type_ is None:
        return []
    numbers = {
        "rate": rate(province, "rate", change.rate, 1),
        "previous_rate": rate(province, "previous_rate", change.previous_rate, 1),
        "numerator_increase": _change(province, "numerator_increase", change.numerator_increase),
        "denominator_increase": _change(province, "denominator_increase", change.denominator_increase),
        "from_denominator": _points(reference(province, "from_denominator"), change.from_denominator),
    }
    known = {name: number for name, number in numbers.items() if number is not None}
    return [Statement(type=type_, target=province.target, numbers=known)]


def _above_common(units: list[ProgressRow], province: ProgressRow) -> list[Statement]:
    common = province.achieved
    if common is None:
        return []
    high = [row for row in units if row.achieved is not None and row.achieved >= common + ABOVE_COMMON]
    if not high:
        return []
    high.sort(key=lambda row: -(row.achieved or 0))
    level = ReferencedNumber(value=common, form="percent", digits=1, refs=(reference(province, "achieved"),))
    above = about_units(
        "above_common", province.target, units, high, "achieved", mention=_with_rate, more={"common": level}
    )
    return [above]


def _with_rate(row: ProgressRow) -> Mention:
    return Mention(unit=row.unit, number=rate(row, "achieved", row.achieved, 0))


def _points(ref: str, value: float | None) -> ReferencedNumber | None:
    return None if value is None else ReferencedNumber(value=value, form="points", digits=1, refs=(ref,))


def _change(row: ProgressRow, field: str, value: int) -> ReferencedNumber:
    return ReferencedNumber(value=value, form="change", refs=(reference(row, field),))


_COUNT_STATEMENTS = (_no_change, _grew, _from_zero, _little_change, _slower)

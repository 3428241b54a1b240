"""Statements about the whole notice: what a reissue changes, and what needs attention. Pure.

Both are drawn from the same figures as the targets' paragraphs.
"""

from typing import get_args

from services.reports.statements.statement import (
    ChangedField,
    Mention,
    ReferencedNumber,
    Statement,
    attainment,
    reference,
)
from services.reports.statements.target_statements import hardly_changed, is_diluted
from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import PROVINCE
from shared.domain.snapshot import Snapshot

FAR_FROM_GOAL = 0.5
"""A target of which the province has achieved less than this share is named at the end."""
_FIELDS: tuple[ChangedField, ...] = get_args(ChangedField)


def attention_statements(snapshot: Snapshot) -> list[Statement]:
    """Targets far from their goal, diluted rates, units that stand still; or that there are none of these."""
    statements = [*_far_from_goal(snapshot), *_diluted(snapshot), *_stalled(snapshot)]
    return statements or [Statement(type="attention_none")]


def _far_from_goal(snapshot: Snapshot) -> list[Statement]:
    low = [
        (row, number)
        for row in snapshot.rows
        if row.unit == PROVINCE and (number := attainment(row)) is not None and number.value < FAR_FROM_GOAL
    ]
    low.sort(key=lambda pair: pair[1].value)
    if not low:
        return []
    mentions = tuple(Mention(unit=PROVINCE, number=number, targets=(row.target,)) for row, number in low)
    return [Statement(type="attention_low", mentions=mentions)]


def _diluted(snapshot: Snapshot) -> list[Statement]:
    targets = [
        Mention(unit=PROVINCE, targets=(change.target,))
        for change in snapshot.rates
        if change.unit == PROVINCE and is_diluted(change)
    ]
    return [Statement(type="attention_diluted", mentions=tuple(targets))] if targets else []


def _stalled(snapshot: Snapshot) -> list[Statement]:
    """Units below their goal that moved by less than LITTLE_GROWTH or not at all, most targets first."""
    rows = [row for row in snapshot.rows if row.unit != PROVINCE and row.numerator is None]
    below = [row for row in rows if row.attainment is not None and row.attainment < 1]
    still = [row for row in below if row.increase == 0] + hardly_changed(below)
    targets: dict[str, list[int]] = {}
    for row in still:
        targets.setdefault(row.unit, []).append(row.target)
    if not targets:
        return []
    order = sorted(targets, key=lambda unit: -len(targets[unit]))
    mentions = tuple(Mention(unit=unit, targets=tuple(sorted(targets[unit]))) for unit in order)
    return [Statement(type="attention_stalled", mentions=mentions)]


def changed_statements(earlier: Snapshot, current: Snapshot) -> list[Statement]:
    """One statement per changed count, part of a rate or goal; percentages follow from these.

    A unit that only one of the two snapshots has shows as a change from or to nothing. The old numbers
    refer to references of `earlier` and say so by its revision.
    """
    old = {(row.target, row.unit): row for row in earlier.rows}
    new = {(row.target, row.unit): row for row in current.rows}
    return [
        statement
        for key in {**old, **new}
        for field in _FIELDS
        if (statement := _changed(earlier.revision, old.get(key), new.get(key), field)) is not None
    ]


def _changed(revision: int, old: ProgressRow | None, new: ProgressRow | None, field: ChangedField) -> Statement | None:
    row = new or old
    before, after = _number(old, field), _number(new, field)
    if row is None or (before and before.value) == (after and after.value):
        return None
    numbers = {}
    if before is not None:
        numbers["old"] = before.model_copy(update={"revision": revision})
    if after is not None:
        numbers["new"] = after
    return Statement(
        type="changed", target=row.target, field=field, numbers=numbers, mentions=(Mention(unit=row.unit),)
    )


def _number(row: ProgressRow | None, field: ChangedField) -> ReferencedNumber | None:
    """The field as a number to print; a ratio's `achieved` is left to its parts."""
    value: float | int | None = getattr(row, field, None)
    if row is None or value is None:
        return None
    refs = (reference(row, field),)
    is_ratio = row.numerator is not None
    if not is_ratio or field in ("numerator", "denominator"):
        return ReferencedNumber(value=value, form="count", refs=refs)
    return ReferencedNumber(value=value, form="percent", digits=1, refs=refs) if field == "goal" else None

"""What a reissue says first: every figure that differs from the snapshot before it."""

from typing import get_args

from services.reports.statements.model import ChangedField, Mention, Number, Statement
from services.reports.statements.parts import cell
from shared.contracts.metrics import ProgressRow
from shared.domain.snapshot import Snapshot

_FIELDS: tuple[ChangedField, ...] = get_args(ChangedField)


def changed_statements(earlier: Snapshot, current: Snapshot) -> list[Statement]:
    """One statement per changed count, part of a rate or goal; percentages follow from these.

    A unit that only one of the two snapshots has shows as a change from or to nothing. The old numbers
    refer to cells of `earlier` and say so by its revision.
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
    before, after = (_number(one, field) for one in (old, new))
    if row is None or (before and before.value) == (after and after.value):
        return None
    numbers = {}
    if before is not None:
        numbers["old"] = before.model_copy(update={"revision": revision})
    if after is not None:
        numbers["new"] = after
    return Statement(
        kind="changed", target=row.target, field=field, numbers=numbers, mentions=(Mention(unit=row.unit),)
    )


def _number(row: ProgressRow | None, field: ChangedField) -> Number | None:
    """The field as a number to print; a ratio's `achieved` is left to its parts."""
    value: float | int | None = getattr(row, field, None)
    if row is None or value is None:
        return None
    refs = (cell(row, field),)
    is_ratio = row.numerator is not None
    if not is_ratio or field in ("numerator", "denominator"):
        return Number(value=value, form="count", refs=refs)
    return Number(value=value, form="percent", digits=1, refs=refs) if field == "goal" else None

"""Where a number of the notice comes from: its value once more, from the cells it refers to."""

from services.reports.statements.model import Number
from shared.domain.snapshot import Snapshot, UnknownCellError


def traced(number: Number, snapshot: Snapshot) -> float | int:
    """The value of `number` recomputed from `snapshot`.

    Raises:
        UnknownCellError: it refers to a cell the snapshot does not have, or that is empty.
    """
    cells = [_filled(ref, snapshot) for ref in number.refs]
    if number.derivation == "count":
        return len(cells)
    if number.derivation == "share":
        return sum(cells[:-1]) / cells[-1]
    return cells[0]


def _filled(ref: str, snapshot: Snapshot) -> float | int:
    value = snapshot.cell(ref)
    if value is None:
        raise UnknownCellError(f"cell {ref!r} of the snapshot as of {snapshot.as_of} is empty")
    return value

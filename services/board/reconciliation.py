"""A unit's reconciliation with the system of record, as the lines of a table. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.board.messages import say
from services.board.names import short_of
from shared.contracts.metrics import ReconciliationRow
from shared.domain.catalogue import Catalogue
from shared.domain.formatting import Lang, format_number


@dataclass(frozen=True)
class ReconciledLine:
    """One part of a target: its figures as text; `marked` where the record says something else than the unit."""

    number: int
    name: str
    figures: tuple[str, ...]
    marked: bool


def reconciled_lines(rows: Iterable[ReconciliationRow], catalogue: Catalogue, lang: Lang) -> list[ReconciledLine]:
    """The lines of `rows`, in their order: reported, verified, matched, only reported, only recorded, factor."""
    return [_line(row, catalogue, lang) for row in rows]


def _line(row: ReconciliationRow, catalogue: Catalogue, lang: Lang) -> ReconciledLine:
    target = catalogue.target_by_number[row.target]
    part = "" if row.part == "count" else f" ({say(lang, row.part)})"
    counts = (row.reported, row.verified, row.matched, row.only_reported, row.only_record)
    factor = say(lang, "no_factor") if row.factor is None else format_number(row.factor, lang, 2)
    figures = (*(format_number(count, lang) for count in counts), factor)
    return ReconciledLine(row.target, short_of(target, lang) + part, figures, row.marked)

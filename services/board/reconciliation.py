"""A unit's reconciliation with the system of record, as the lines of a table. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.contracts.metrics import ReconciliationRow
from shared.domain.catalogue import Catalogue
from shared.domain.formatting import Lang, format_number
from shared.runtime.messages import translate


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
    part = "" if row.part == "count" else f" ({_part_name(row.part, lang)})"
    counts = (row.reported, row.verified, row.matched, row.only_reported, row.only_record)
    factor = translate(lang, "board.no_factor") if row.factor is None else format_number(row.factor, lang, 2)
    figures = (*(format_number(count, lang) for count in counts), factor)
    return ReconciledLine(row.target, target.short(lang) + part, figures, row.marked)


def _part_name(part: str, lang: Lang) -> str:
    return translate(lang, f"board.part_{part}")

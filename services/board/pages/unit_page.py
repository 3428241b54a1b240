"""Unit page: a unit's targets one by one, its flags, its reconciliation with the system of record. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.board.page_query import PageQuery
from services.board.pages.cards import Card, UnitData, card_of
from services.board.pages.flag_lines import FlagLine, NoteLine, flag_lines, note_lines
from shared.contracts.metrics import ReconciliationRow
from shared.domain.catalogue import PROVINCE, Catalogue
from shared.domain.formatting import Lang, format_number
from shared.runtime.messages import translate


@dataclass(frozen=True)
class UnitPage:
    """`flags` are all of the unit's, cleared ones too; `cards` is empty where it does not exist on the day."""

    code: str
    name: str
    sub_units: int | None
    cards: list[Card]
    flags: list[FlagLine]
    notes: list[NoteLine]


def unit_page_of(code: str, unit_data: UnitData, query: PageQuery) -> UnitPage:
    """The page of a unit of the catalogue or of the province; of one target where one is asked for."""
    catalogue, response = unit_data.catalogue, unit_data.flags_response
    targets = [query.target] if query.target else list(catalogue.targets)
    numbers = {target.number for target in targets}
    unit = catalogue.unit_by_code.get(code)
    flags = [flag for flag in response.flags if (flag.unit or PROVINCE) == code] if response else []
    verdicts = [verdict for verdict in response.verdicts if verdict.unit == code] if response else []
    return UnitPage(
        code,
        catalogue.place_name(code, query.lang),
        unit.sub_units if unit else None,
        [card for target in targets if (card := card_of(target, code, unit_data, query))],
        flag_lines([flag for flag in flags if flag.target in numbers], catalogue, query),
        note_lines([verdict for verdict in verdicts if verdict.target in numbers], catalogue, query),
    )


@dataclass(frozen=True)
class ReconciledLine:
    """One part of a target: its counts and factor as text; `suspect` where the factor is outside what is trusted."""

    number: int
    name: str
    texts: tuple[str, ...]
    suspect: bool


def reconciled_lines(rows: Iterable[ReconciliationRow], catalogue: Catalogue, lang: Lang) -> list[ReconciledLine]:
    """The lines of `rows`, in their order: reported, verified, matched, only reported, only recorded, factor."""
    return [_line(row, catalogue, lang) for row in rows]


def _line(row: ReconciliationRow, catalogue: Catalogue, lang: Lang) -> ReconciledLine:
    target = catalogue.target_by_number[row.target]
    part = "" if row.part == "count" else f" ({_part_name(row.part, lang)})"
    counts = (row.reported, row.verified, row.matched, row.only_reported, row.only_record)
    factor = translate(lang, "board.no_factor") if row.factor is None else format_number(row.factor, lang, 2)
    texts = (*(format_number(count, lang) for count in counts), factor)
    return ReconciledLine(row.target, target.short(lang) + part, texts, row.marked)


def _part_name(part: str, lang: Lang) -> str:
    return translate(lang, f"board.part_{part}")

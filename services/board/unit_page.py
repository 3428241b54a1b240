"""A unit's page: its targets one by one, and its flags. Pure."""

from dataclasses import dataclass

from services.board.cards import Card, Material, card_of
from services.board.flag_lines import FlagLine, NoteLine, flag_lines, note_lines
from services.board.page_query import PageQuery
from shared.domain.catalogue import PROVINCE


@dataclass(frozen=True)
class UnitPage:
    """`flags` are all of the unit's, cleared ones too; `cards` is empty where it does not exist on the day."""

    code: str
    name: str
    sub_units: int | None
    cards: list[Card]
    flags: list[FlagLine]
    notes: list[NoteLine]


def unit_page_of(code: str, material: Material, asked: PageQuery) -> UnitPage:
    """The page of a unit of the catalogue or of the province; of one target where one is asked for."""
    catalogue, found = material.catalogue, material.findings
    targets = [asked.target] if asked.target else list(catalogue.targets)
    numbers = {target.number for target in targets}
    unit = catalogue.unit_by_code.get(code)
    flags = [flag for flag in found.flags if (flag.unit or PROVINCE) == code] if found else []
    verdicts = [verdict for verdict in found.verdicts if verdict.unit == code] if found else []
    return UnitPage(
        code,
        catalogue.place_name(code, asked.lang),
        unit.sub_units if unit else None,
        [card for target in targets if (card := card_of(target, code, material, asked))],
        flag_lines([flag for flag in flags if flag.target in numbers], catalogue, asked),
        note_lines([verdict for verdict in verdicts if verdict.target in numbers], catalogue, asked),
    )

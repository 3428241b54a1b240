"""Values of a row, read from its cells by what the catalogue allows. Pure."""

import datetime as dt
from dataclasses import dataclass

from services.sender.imports.cells import Cell, Fault, is_blank, is_error, plain, word_of
from services.sender.imports.complaints import ComplaintError, complaint
from services.sender.imports.identity import shown_of
from services.sender.imports.unit_names import UnitNames
from services.sender.imports.vocabulary import Words
from shared.domain.catalogue import Attribute


def read_text(cell: Cell) -> str:
    """Text that must not be empty, nor an error of Excel."""
    if is_blank(cell):
        raise ComplaintError(complaint("empty"))
    content = shown_of(cell)
    if isinstance(cell, Fault) or is_error(cell) or content.startswith("="):
        raise ComplaintError(complaint("no_value", text=content))
    return content


def read_unit(names: UnitNames, typed: str, day: dt.date | None) -> str:
    """The code of the unit that `typed` names, on `day` where it is known.

    Raises:
        ComplaintError: there is none, or it may be several.
    """
    codes = names.codes(typed, day)
    if len(codes) == 1:
        return codes.pop()
    if codes:
        raise ComplaintError(complaint("several_units", text=typed, units=", ".join(names.shown(codes))))
    nearest = names.nearest(typed)
    remedy = "nearest_unit" if nearest else "unknown_unit"
    raise ComplaintError(complaint("unknown_unit", remedy, text=typed, nearest=nearest or ""))


@dataclass(frozen=True)
class ValueReader:
    """Reads attribute cells by what the catalogue allows them."""

    units: UnitNames
    words: Words

    def read(
        self,
        attribute: str,
        allowed: Attribute,
        cell: Cell,
        day: dt.date | None = None,
        *,
        blanks_are_sure: bool = True,
    ) -> str | bool:
        """The value of `attribute`, as ingest wants it; a unit is one of `day`, the row's, where that is known.

        An empty cell may mean a value, unless blanks are not sure.

        Raises:
            ComplaintError: it is empty, or no value that is allowed.
        """
        if allowed == "*":
            return read_text(cell)
        if allowed == "unit":
            return read_unit(self.units, read_text(cell), day)
        typed = "" if is_blank(cell) else read_text(cell)
        form = word_of(typed)
        for value in allowed:
            if form in self._forms(attribute, str(value).casefold()) and (typed or blanks_are_sure):
                return value
        if not typed:
            raise ComplaintError(complaint("empty", is_doubt=not blanks_are_sure))
        choices = ", ".join(f"“{str(value).casefold()}”" for value in allowed)
        raise ComplaintError(complaint("unknown_value", text=typed, choices=choices))

    def _forms(self, attribute: str, name: str) -> frozenset[str]:
        return self.words.values.get(attribute, {}).get(name, frozenset()) | {plain(name)}

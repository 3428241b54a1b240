"""Read the cells of a row: units by any of their names, choices by the words people use."""

from dataclasses import dataclass
from difflib import get_close_matches

from services.sender.imports.cells import Cell, InexactNumberError, plain, text
from services.sender.imports.dates import NotADateError, moment
from services.sender.imports.row_errors import (
    ComplaintError,
    empty,
    inexact_number,
    not_a_date,
    unknown_unit,
    unknown_value,
)
from services.sender.imports.vocabulary import Words
from shared.domain.catalogue import Attribute, Unit


def _exact(cell: Cell) -> str:
    try:
        return text(cell)
    except InexactNumberError as error:
        raise ComplaintError(inexact_number(str(error))) from error


def read_text(cell: Cell) -> str:
    """Text that must not be empty."""
    found = _exact(cell)
    if not found:
        raise ComplaintError(empty())
    return found


def read_moment(cell: Cell, *, since_1904: bool) -> str:
    """RFC 3339 of a date."""
    try:
        return moment(cell, since_1904=since_1904)
    except NotADateError as error:
        raise ComplaintError(not_a_date(read_text(cell))) from error


class UnitNames:
    """Finds a unit's code from its code, its Vietnamese or English name, or the part of them that is its own."""

    def __init__(self, units: tuple[Unit, ...], words: Words) -> None:
        self._before = sorted(words.units["before"], key=len, reverse=True)
        self._after = sorted(words.units["after"], key=len, reverse=True)
        self._name_of = {unit.code: unit.name_vi for unit in units}
        self._code_of: dict[str, str] = {}
        own: dict[str, set[str]] = {}
        for unit in units:
            for name in (unit.code, unit.name_vi, unit.name_en):
                self._code_of[plain(name)] = unit.code
                own.setdefault(self._own_part(plain(name)), set()).add(unit.code)
        for name, codes in own.items():
            if len(codes) == 1:
                self._code_of.setdefault(name, *codes)

    def code(self, typed: str) -> str:
        """The code of the unit that `typed` names."""
        name = plain(typed)
        found = self._code_of.get(name) or self._code_of.get(self._own_part(name))
        if found is None:
            near = get_close_matches(name, self._code_of, n=1)
            raise ComplaintError(unknown_unit(typed, self._name_of[self._code_of[near[0]]] if near else None))
        return found

    def _own_part(self, name: str) -> str:
        for word in self._before:
            if name.startswith(f"{word} "):
                return self._own_part(name.removeprefix(f"{word} "))
        for word in self._after:
            if name.endswith(f" {word}"):
                return self._own_part(name.removesuffix(f" {word}"))
        return name


@dataclass(frozen=True)
class ValueReader:
    """Reads attribute cells by what the catalogue allows them."""

    units: UnitNames
    words: Words

    def read(self, attribute: str, allowed: Attribute, cell: Cell) -> str | bool:
        """The value of `attribute`, as ingest wants it.

        Raises:
            ComplaintError: it is empty, or no value that is allowed.
        """
        if allowed == "*":
            return read_text(cell)
        if allowed == "unit":
            return self.units.code(read_text(cell))
        typed = _exact(cell)
        for value in allowed:
            name = str(value).casefold()
            if plain(typed) in self._forms(attribute, name):
                return value
        if not typed:
            raise ComplaintError(empty())
        raise ComplaintError(unknown_value(typed, [str(value).casefold() for value in allowed]))

    def _forms(self, attribute: str, name: str) -> frozenset[str]:
        return self.words.values.get(attribute, {}).get(name, frozenset()) | {plain(name)}

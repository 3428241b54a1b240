"""Values of a row, read from its cells by what the catalogue allows; what is wrong with a cell, and the remedy."""

from dataclasses import dataclass
from difflib import get_close_matches

from services.sender.imports.cells import Cell, InexactNumberError, NotADateError, moment, plain, text
from services.sender.imports.layout import Words
from shared.domain.catalogue import Attribute, Unit
from shared.domain.formatting import LANGUAGES
from shared.runtime.messages import translate


@dataclass(frozen=True)
class Complaint:
    """One thing wrong with one cell; texts are for the person who corrects the sheet."""

    problem_vi: str
    remedy_vi: str
    problem: str
    remedy: str


class ComplaintError(ValueError):
    """A cell cannot be read; `complaint` says why."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.problem)
        self.complaint = complaint


def complaint(problem: str, remedy: str | None = None, **values: object) -> Complaint:
    """The messages of `problem` and of `remedy` (by default the problem's own), with `values` filled in."""
    keys = f"import.problem.{problem}", f"import.remedy.{remedy or problem}"
    (problem_vi, remedy_vi), (problem_en, remedy_en) = (
        [translate(lang, key, **values) for key in keys] for lang in LANGUAGES
    )
    return Complaint(problem_vi, remedy_vi, problem_en, remedy_en)


_REMEDY_OF = {
    "time_in_future": "date",
    "time_before_project": "date",
    "forbidden_unit": "access",
    "forbidden_type": "access",
    "forbidden_source": "access",
}
"""Codes of ingest that a person who imports can meet -> the message of their remedy."""


def rejection(code: str, detail: str) -> Complaint:
    """What ingest says of an event; the English remedy is its own words."""
    name, remedy = (code, _REMEDY_OF[code]) if code in _REMEDY_OF else ("other", "other")
    problem_vi, problem_en = (translate(lang, f"import.rejection.problem.{name}", code=code) for lang in LANGUAGES)
    remedy_vi = translate("vi", f"import.rejection.remedy.{remedy}", detail=detail)
    return Complaint(problem_vi, remedy_vi, problem_en, detail)


def _exact(cell: Cell) -> str:
    try:
        return text(cell)
    except InexactNumberError as error:
        raise ComplaintError(complaint("inexact_number", number=error)) from error


def read_text(cell: Cell) -> str:
    """Text that must not be empty."""
    content = _exact(cell)
    if not content:
        raise ComplaintError(complaint("empty"))
    return content


def read_moment(cell: Cell, *, since_1904: bool) -> str:
    """RFC 3339 of a date."""
    try:
        return moment(cell, since_1904=since_1904)
    except NotADateError as error:
        raise ComplaintError(complaint("not_a_date", text=read_text(cell))) from error


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
        code = self._code_of.get(name) or self._code_of.get(self._own_part(name))
        if code is None:
            nearest = [self._name_of[self._code_of[each]] for each in get_close_matches(name, self._code_of, n=1)]
            remedy = "nearest_unit" if nearest else "unknown_unit"
            raise ComplaintError(complaint("unknown_unit", remedy, text=typed, nearest=(*nearest, "")[0]))
        return code

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
            raise ComplaintError(complaint("empty"))
        choices = ", ".join(f"“{str(value).casefold()}”" for value in allowed)
        raise ComplaintError(complaint("unknown_value", text=typed, choices=choices))

    def _forms(self, attribute: str, name: str) -> frozenset[str]:
        return self.words.values.get(attribute, {}).get(name, frozenset()) | {plain(name)}

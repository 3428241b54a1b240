"""Values of a row, read from its cells by what the catalogue allows; what is wrong with a cell, and the remedy."""

import datetime as dt
from dataclasses import dataclass

from services.sender.imports.cells import Cell, InexactNumberError, NotADateError, moment, plain, text
from services.sender.imports.layout import Words
from services.sender.imports.unit_names import UnitNames
from shared.domain.catalogue import Attribute
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

    def read(self, attribute: str, allowed: Attribute, cell: Cell, day: dt.date | None = None) -> str | bool:
        """The value of `attribute`, as ingest wants it; a unit is one of `day`, the row's, where that is known.

        Raises:
            ComplaintError: it is empty, or no value that is allowed.
        """
        if allowed == "*":
            return read_text(cell)
        if allowed == "unit":
            return read_unit(self.units, read_text(cell), day)
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

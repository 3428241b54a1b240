"""What a workbook's XML says of its cells that reading their values loses: errors, formulas never calculated, months
typed without a day, hidden rows, and how far a sheet reaches.

A workbook is read by a library that gives "" for an error and for a formula without a value, as for an empty cell.
"""

import datetime as dt
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from services.sender.imports.cells import Fault

_MONTH_WITH_YEAR = 17
"""The number format built into Excel that shows a month and a year."""
_EPOCHS = {False: dt.date(1899, 12, 30), True: dt.date(1904, 1, 1)}
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass
class Annotations:
    """`faults` by (row, column) from 0; `hidden_rows` from 1; `furthest` the (rows, columns) that have content.

    `merged` are ranges, first and last cell from 0, of formats whose values are read without them.
    """

    faults: dict[tuple[int, int], Fault] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    furthest: tuple[int, int] = (0, 0)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)


@dataclass(frozen=True)
class WorkbookAnnotations:
    """The date system of a workbook and the annotations of its sheets by name."""

    since_1904: bool
    sheets: dict[str, Annotations]


def read_annotations(parts: zipfile.ZipFile) -> WorkbookAnnotations:
    """The annotations of an .xlsx; none where a part is not there.

    Raises:
        expat.ExpatError, zipfile.BadZipFile: a part is broken.
    """
    since_1904 = False
    relations: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def workbook(name: str, attributes: dict[str, str]) -> None:
        nonlocal since_1904
        if name == "workbookPr":
            since_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet":
            key = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
            sheets[attributes["name"]] = relations.get(key, "")

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            target = attributes["Target"]
            relations[attributes["Id"]] = target[1:] if target.startswith("/") else f"xl/{target}"

    parse_part(parts, "xl/_rels/workbook.xml.rels", relation)
    parse_part(parts, "xl/workbook.xml", workbook)
    months = _styles_of_months(parts)
    return WorkbookAnnotations(
        since_1904, {name: _SheetParser(months, since_1904).read(parts, part) for name, part in sheets.items()}
    )


def parse_part(parts: zipfile.ZipFile, part: str, start: Any, end: Any = None, characters: Any = None) -> None:
    """Call `start` with each element's name, without its name space, and its attributes."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    if end:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
        parser.CharacterDataHandler = characters
    if part in parts.namelist():
        with parts.open(part) as content:
            parser.ParseFile(content)


def _styles_of_months(parts: zipfile.ZipFile) -> set[str]:
    """The indexes of cell styles that show a month and a year without a day."""
    formats = {str(_MONTH_WITH_YEAR): True}
    styles: set[str] = set()
    within = ""
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal within, count
        if name in ("cellXfs", "cellStyleXfs"):
            within = name
        elif name == "numFmt":
            formats[attributes["numFmtId"]] = _shows_no_day(attributes["formatCode"])
        elif name == "xf" and within == "cellXfs":
            if formats.get(attributes.get("numFmtId", "0")):
                styles.add(str(count))
            count += 1

    parse_part(parts, "xl/styles.xml", start)
    return styles


def _shows_no_day(code: str) -> bool:
    letters = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code.partition(";")[0]).casefold()
    return "y" in letters and not set("dhs") & set(letters)


class _SheetParser:
    """Reads one sheet's XML, element by element."""

    def __init__(self, months: set[str], since_1904: bool) -> None:
        self._months = months
        self._epoch = _EPOCHS[since_1904]
        self._annotations = Annotations()
        self._row = self._column = -1
        self._attributes: dict[str, str] = {}
        self._formula: str | None = None
        self._value = self._text = ""
        self._has_content = False

    def read(self, parts: zipfile.ZipFile, part: str) -> Annotations:
        parse_part(parts, part, self._start, self._end, self._characters)
        return self._annotations

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._text = ""
        if name == "c":
            place = _CELL.fullmatch(attributes.get("r", ""))
            self._row, self._column = _place(*place.groups()) if place else (self._row, self._column + 1)
            self._attributes, self._formula, self._value, self._has_content = attributes, None, "", False
        elif name == "row":
            self._row = int(attributes["r"]) - 1 if attributes.get("r", "").isdigit() else self._row + 1
            self._column = -1
            if attributes.get("hidden") in ("1", "true"):
                self._annotations.hidden_rows.append(self._row + 1)
        elif name == "is":
            self._has_content = True

    def _characters(self, data: str) -> None:
        self._text += data

    def _end(self, name: str) -> None:
        if name == "f":
            self._formula = self._text
        elif name == "v":
            self._value = self._text
            self._has_content = self._has_content or bool(self._text)
        elif name == "c":
            self._cell()
        self._text = ""

    def _cell(self) -> None:
        fault = self._fault()
        if fault:
            self._annotations.faults[self._row, self._column] = fault
        if fault or self._has_content:
            rows, columns = self._annotations.furthest
            self._annotations.furthest = max(rows, self._row + 1), max(columns, self._column + 1)

    def _fault(self) -> Fault | None:
        kind = self._attributes.get("t", "n")
        if kind == "e":
            return Fault("error", self._value or "#N/A")
        if self._formula is not None and not self._value and kind != "str":
            return Fault("uncalculated", f"={self._formula}")
        if kind == "n" and self._attributes.get("s") in self._months and self._value.isdigit():
            day = self._epoch + dt.timedelta(days=min(int(self._value), 10**6))
            return Fault("month", f"{day.month}/{day.year}") if day.day == 1 else None
        return None


def _place(letters: str, row: str) -> tuple[int, int]:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(row) - 1, column - 1

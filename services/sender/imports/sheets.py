"""Read a workbook or a CSV file as sheets of cells."""

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from services.sender.imports.cells import Cell, text

SHEET_HEADER = "Trang tính / Sheet"
"""A CSV file with this column names, in its first row, the sheet that its rows were taken from."""

_DELIMITERS = ",;\t"
_ENCODINGS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Byte-order marks of a CSV file -> its encoding."""


class UnreadableError(ValueError):
    """The file is no spreadsheet we can read; the message says what to do."""


@dataclass(frozen=True)
class Sheet:
    """`rows[0]` is row 1 of the spreadsheet. `since_1904` is the date system of its serial numbers."""

    name: str
    rows: list[list[Cell]]
    since_1904: bool = False


def read_sheets(file: Path) -> list[Sheet]:
    """The visible sheets of an .xlsx (also .xls, .xlsb, .ods) or the one of a .csv file.

    Raises:
        UnreadableError: it is none, is protected by a password, or has an unknown encoding.
    """
    if file.suffix.casefold() in (".csv", ".tsv", ".txt"):
        return [_csv_sheet(file)]
    since_1904 = _since_1904(file)
    try:
        with calamine.CalamineWorkbook.from_path(str(file)) as workbook:
            return [
                Sheet(about.name, _filled(workbook.get_sheet_by_name(about.name)), since_1904)
                for about in workbook.sheets_metadata
                if about.typ == calamine.SheetTypeEnum.WorkSheet and about.visible == calamine.SheetVisibleEnum.Visible
            ]
    except calamine.PasswordError as error:
        raise UnreadableError(f"{file} has a password: save it without one") from error
    except (calamine.CalamineError, OSError) as error:
        raise UnreadableError(f"{file} is not a readable workbook ({error}): save it as .xlsx or .csv") from error


def _filled(sheet: calamine.CalamineSheet) -> list[list[Cell]]:
    """All rows from row 1; a cell merged over several rows says the same in each of them."""
    rows: list[list[Cell]] = list(sheet.to_python(skip_empty_area=False))
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in rows[top + 1 : bottom + 1]:
            row[left] = rows[top][left]
    return rows


def _since_1904(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as parts:
            workbook = parts.read("xl/workbook.xml")
    except (zipfile.BadZipFile, KeyError, OSError):
        return False
    return re.search(rb"<workbookPr\b[^>]*\bdate1904=[\"'](1|true)[\"']", workbook) is not None


def _csv_sheet(file: Path) -> Sheet:
    content = file.read_bytes()
    encoding = _ENCODINGS.get(content[:2], "utf-8-sig")
    try:
        decoded = content.decode(encoding)
        rows: list[list[Cell]] = [
            list(row) for row in csv.reader(io.StringIO(decoded, ""), delimiter=_delimiter(decoded))
        ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableError(f"{file} is not readable: save it as “CSV UTF-8” or as .xlsx") from error
    return Sheet(_named_in(rows) or file.stem, rows)


def _delimiter(decoded: str) -> str:
    """The delimiter that the first lines hold most of; Excel writes another one in other languages."""
    beginning = decoded[:20_000]
    return max(_DELIMITERS, key=beginning.count)


def _named_in(rows: list[list[Cell]]) -> str | None:
    if len(rows) > 1 and SHEET_HEADER in rows[0]:
        column = rows[0].index(SHEET_HEADER)
        return text(rows[1][column]) if column < len(rows[1]) else None
    return None

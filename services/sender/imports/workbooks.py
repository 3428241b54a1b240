"""A workbook as sheets: values by a library, and what it loses by the workbook's XML."""

import io
import zipfile
from xml.parsers import expat

import python_calamine as calamine

from services.sender.imports.annotations import Annotations, WorkbookAnnotations, read_annotations
from services.sender.imports.cells import Cell, column_letter
from services.sender.imports.ods_annotations import read_ods_annotations
from services.sender.imports.sheets import Sheet, UnreadableError

_MOST_CELLS = 20_000_000
"""Of a sheet, from its first cell to the furthest: all of them are held in memory at once."""

_MOST_BYTES = 2**30
"""Of all parts of a workbook, unpacked."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_workbook(name: str, content: bytes) -> list[Sheet]:
    """The sheets of an .xlsx, .xls, .xlsb or .ods; hidden ones without rows.

    Raises:
        UnreadableError: it is none, is broken, too large, or protected by a password.
    """
    if _ENCRYPTED in content:
        raise UnreadableError(f"{name} has a password: save it without one")
    try:
        annotations = _annotations(name, content)
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            return [
                _sheet(name, workbook, about.name, annotations)
                if about.visible == calamine.SheetVisibleEnum.Visible
                else Sheet(about.name, [], is_hidden=True)
                for about in workbook.sheets_metadata
                if about.typ == calamine.SheetTypeEnum.WorkSheet
            ]
    except calamine.PasswordError as error:
        raise UnreadableError(f"{name} has a password: save it without one") from error
    except (calamine.CalamineError, expat.ExpatError, zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise UnreadableError(f"{name} is not a readable workbook ({error}): save it as .xlsx or .csv") from error


def _annotations(name: str, content: bytes) -> WorkbookAnnotations | None:
    """What the XML of an .xlsx or .ods says; None for a workbook of another format."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return None
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > _MOST_BYTES:
            raise UnreadableError(f"{name} is too large unpacked: copy the table into a new workbook")
        if "content.xml" in parts.namelist():
            return read_ods_annotations(parts)
        return read_annotations(parts) if "xl/workbook.xml" in parts.namelist() else None


def _sheet(name: str, workbook: calamine.CalamineWorkbook, sheet: str, known: WorkbookAnnotations | None) -> Sheet:
    annotations = known.sheets.get(sheet, Annotations()) if known else Annotations()
    height, width = annotations.furthest
    if height * width > _MOST_CELLS:
        cell = f"{column_letter(width - 1)}{height}"
        raise UnreadableError(f"{name}, sheet “{sheet}”: it reaches to {cell}: delete what stands far from the table")
    values = workbook.get_sheet_by_name(sheet)
    rows: list[list[Cell]] = [list(row) for row in values.to_python(skip_empty_area=False)]
    for (row, column), fault in annotations.faults.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = fault
    for (top, left), (bottom, _) in annotations.merged or values.merged_cell_ranges or ():
        _fill_down(rows, top, left, bottom)
    return Sheet(
        sheet,
        rows,
        known is not None and known.since_1904,
        blanks_are_sure=known is not None,
        hidden_rows=tuple(annotations.hidden_rows),
    )


def _fill_down(rows: list[list[Cell]], top: int, left: int, bottom: int) -> None:
    """A cell merged over several rows says the same in each of them; a range may reach beyond the table."""
    for row in rows[top + 1 : bottom + 1]:
        if left < len(row):
            row[left] = rows[top][left]

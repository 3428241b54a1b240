"""Write real .xlsx files, as a person's Excel would."""

from collections.abc import Sequence
from pathlib import Path

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

Rows = Sequence[Sequence[object]]


def write_workbook(
    file: Path, sheets: dict[str, Rows], *, since_1904: bool = False, merged: Sequence[str] = (), hidden: str = ""
) -> Path:
    """Sheets by name; `merged` ranges ("A1:F1") are merged in each; `hidden` names a sheet to hide."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    if since_1904:
        workbook.epoch = CALENDAR_MAC_1904
    for name, rows in sheets.items():
        sheet: Worksheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cells in merged:
            sheet.merge_cells(cells)
        if name == hidden:
            sheet.sheet_state = "hidden"
    workbook.save(file)
    return file

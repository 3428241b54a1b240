"""The rows that were refused, as a CSV file that can be corrected and imported again."""

import csv
from pathlib import Path

from services.sender.imports.cells import Cell, InexactNumberError, text
from services.sender.imports.rows import Reading
from services.sender.imports.sheets import SHEET_HEADER

_NOTES = ["Dòng / Row", "Cột / Column", "Lỗi", "Cách sửa", "Problem", "Remedy"]

_DIGITS_EXCEL_KEEPS = 11


def write_refused(file: Path, reading: Reading) -> None:
    """Write the refused rows of one sheet with its own columns and, after them, what is wrong and the remedy.

    UTF-8 with a byte-order mark, so that Excel opens it as it is.
    """
    width = max(len(reading.layout.header), *(len(row) for row in reading.sheet.rows))
    own = [*range(width)]
    with file.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow([*_padded(reading.layout.header, own), SHEET_HEADER, *_NOTES])
        for refusal in sorted(reading.refused, key=lambda refusal: refusal.row):
            row = reading.sheet.rows[refusal.row - 1]
            complaints = [complaint for _, complaint in refusal.complaints]
            notes = [
                "; ".join(column for column, _ in refusal.complaints),
                "; ".join(complaint.problem_vi for complaint in complaints),
                "; ".join(complaint.remedy_vi for complaint in complaints),
                "; ".join(complaint.problem for complaint in complaints),
                "; ".join(complaint.remedy for complaint in complaints),
            ]
            cells = [_kept(cell) for cell in [*_padded(row, own), reading.sheet.name, *notes]]
            writer.writerow([*cells[: width + 1], refusal.row, *cells[width + 1 :]])


def _padded(row: list[Cell] | list[str], own: list[int]) -> list[Cell]:
    return [row[index] if index < len(row) else "" for index in own]


def _kept(cell: Cell) -> str:
    """Text that Excel shows as it is: not run as a formula, not shortened as a number. Reading drops the apostrophe."""
    try:
        shown = text(cell)
    except InexactNumberError as error:
        return f"'{error}"
    is_number = shown.isdigit() and (shown.startswith("0") or len(shown) > _DIGITS_EXCEL_KEEPS)
    return f"'{shown}" if is_number or shown.startswith(("=", "+", "-", "@")) else shown

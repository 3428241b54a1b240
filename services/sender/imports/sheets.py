"""Sheets of cells, as they are read from a file."""

from dataclasses import dataclass

from services.sender.imports.cells import Cell

SHEET_HEADER = "Trang tính / Sheet"
"""A file with this column names, in its first row, the sheet that its rows were taken from."""


class UnreadableError(ValueError):
    """The file is no spreadsheet we can read; the message says what to do."""


@dataclass(frozen=True)
class Sheet:
    """`rows[0]` is row 1 of the spreadsheet. `since_1904` is the date system of its serial numbers.

    `is_typed`: all cells are text, as in CSV. `blanks_are_sure`: an empty cell is empty, and no error that the format
    does not show. `hidden_rows` are numbers of rows that are read all the same; a hidden sheet has no rows.
    """

    name: str
    rows: list[list[Cell]]
    since_1904: bool = False
    is_typed: bool = False
    blanks_are_sure: bool = True
    hidden_rows: tuple[int, ...] = ()
    is_hidden: bool = False

"""The dates of one column, which tell together whether the day comes before the month. Pure.

A single 6/7/2023 is read day first. It is doubted where its column says otherwise: typed dates that are possible only
month first (6/13/2023), or true dates that all end with the 12th while the later days stayed text, which is what Excel
makes of day-first dates when it expects the month first.
"""

import datetime as dt
import re
from collections.abc import Iterable

from services.sender.imports.cells import Cell, Fault, text
from services.sender.imports.complaints import Complaint, ComplaintError, complaint
from services.sender.imports.dates import NotADateError, moment
from services.sender.imports.values import read_text

_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(?:\d{4}|\d\d)(?!\d)")
_MONTHS = 12


class DateReader:
    """Reads the dates of one column, whose cells are `column`."""

    def __init__(self, column: Iterable[Cell], *, since_1904: bool) -> None:
        self._since_1904 = since_1904
        typed: list[tuple[int, int, str]] = []
        days: list[dt.datetime] = []
        for cell in column:
            if isinstance(cell, str):
                typed += [(*found, text(cell)) for found in [_numbers(cell)] if found]
            elif day := self._day(cell):
                days.append(day)
        month_first = [shown for first, second, shown in typed if first <= _MONTHS < second]
        day_first = [shown for first, second, shown in typed if second <= _MONTHS < first]
        early = bool(days) and all(day.day <= _MONTHS for day in days)
        self._month_first = month_first[0] if month_first else None
        leftover = month_first or (day_first if len(day_first) == len(typed) else [])
        self._swapped = leftover[0] if early and leftover else None

    def read(self, cell: Cell) -> str:
        """RFC 3339 of the date in `cell`.

        Raises:
            ComplaintError: it is no date, or one whose day and month may be the other way round.
        """
        if isinstance(cell, Fault) and cell.kind == "month":
            raise ComplaintError(complaint("month_without_day", text=cell.shown))
        doubt = self._doubt(cell)
        if doubt:
            raise ComplaintError(doubt)
        try:
            return moment(cell, since_1904=self._since_1904)
        except NotADateError as error:
            raise ComplaintError(complaint("not_a_date", text=read_text(cell))) from error

    def _doubt(self, cell: Cell) -> Complaint | None:
        if isinstance(cell, str):
            numbers = _numbers(cell)
            if self._month_first and numbers and numbers[0] != numbers[1] and max(numbers) <= _MONTHS:
                return complaint("month_first", text=text(cell), other=self._month_first, is_doubt=True)
        elif self._swapped and (day := self._day(cell)) and day.day != day.month:
            return complaint("swapped", text=text(day), other=self._swapped, is_doubt=True)
        return None

    def _day(self, cell: Cell) -> dt.datetime | None:
        """The day of a cell that is a date to Excel."""
        try:
            return dt.datetime.fromisoformat(moment(cell, since_1904=self._since_1904))
        except NotADateError:
            return None


def _numbers(typed: str) -> tuple[int, int] | None:
    """The first two numbers of a date written in numbers with the year last."""
    found = _NUMERIC.search(text(typed))
    return (int(found[1]), int(found[2])) if found else None

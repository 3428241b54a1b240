"""Which rows below a header are records, and which are the rest of an official table. Pure.

The rest is numbering, a header repeated on each page, names of sections, totals, signatures, place and date. Whoever
is in doubt is a record: its cells are then complained of, while what is passed over is only listed.
"""

import re
from collections.abc import Iterator

from services.sender.imports.cells import Cell, Fault, InexactNumberError, is_blank, plain, text
from services.sender.imports.dates import NotADateError, moment
from services.sender.imports.headings import SUBJECT, TIME, Layout
from services.sender.imports.vocabulary import Known

_PLACE_AND_DATE = re.compile(r"(.* )?ngay( \d{1,2})? thang( \d{1,2})? nam( \d{2,4})?")
_NUMBERING = re.compile(r"\d{1,4}|[ivxlc]{1,6}|[a-z]")


class RecordFinder:
    """Walks the rows below one header; `words` are the words that totals, signatures and sections begin with."""

    def __init__(self, layout: Layout, words: Known) -> None:
        self._layout = layout
        self._words = words
        self._columns = layout.columns
        self._attributes = [index for name, index in layout.columns.items() if name not in (SUBJECT, TIME)]
        self._is_below_header = True
        self._is_below_signature = False

    def records(self, rows: list[list[Cell]], passed_over: list[int]) -> Iterator[tuple[int, list[Cell]]]:
        """The number and the cells of each record; numbers of other rows with content go to `passed_over`."""
        first = self._layout.header_row
        for number, row in enumerate(rows[first:], start=first + 1):
            if all(is_blank(cell) for cell in row):
                continue
            if self._is_record(row):
                yield number, row
            else:
                passed_over.append(number)

    def _is_record(self, row: list[Cell]) -> bool:
        if self._repeats_header(row):
            self._is_below_header, self._is_below_signature = True, False
            return False
        if self._is_below_header and _is_numbering(row):
            return False
        self._is_below_header = False
        filled = {index: cell for index, cell in enumerate(row) if not is_blank(cell)}
        if any(isinstance(filled.get(index), Fault) for index in self._columns.values()):
            return True
        return not self._is_remark(filled)

    def _is_remark(self, filled: dict[int, Cell]) -> bool:
        subject, time = (self._columns.get(name, -1) for name in (SUBJECT, TIME))
        known = set(self._columns.values()) & set(filled)
        has_id = subject in filled and (_has_digit(filled[subject]) or self._is_address(filled[subject]))
        is_whole = has_id and known == set(self._columns.values()) and (time < 0 or _is_day(filled[time]))
        if is_whole and not self._begins(filled[subject], "total", "signature"):
            return False
        closing = {index for index, cell in filled.items() if self._begins(cell, "total", "signature")}
        if closing and (min(closing) <= subject or len(known - closing) <= 1):
            self._is_below_signature |= any(self._begins(filled[index], "signature") for index in closing)
            return True
        if self._is_below_signature and not has_id:
            return True
        texts = {index for index, cell in filled.items() if not _NUMBERING.fullmatch(plain(_shown(cell)))}
        if subject in filled:
            return len(texts) == 1 and known == {subject} and self._is_section(filled[subject])
        if time in filled and not known & set(self._attributes):
            return self._is_no_day(filled[time], texts)
        described = {index for index in known if isinstance(filled[index], str) and index in texts}
        return len(described) < 2 and (not described or len(texts) == 1)

    def _is_section(self, cell: Cell) -> bool:
        if self._is_address(cell):
            return False
        return not _has_digit(cell) or self._begins(cell, "section")

    def _is_no_day(self, cell: Cell, texts: set[int]) -> bool:
        shown = plain(_shown(cell))
        if _PLACE_AND_DATE.fullmatch(shown):
            return True
        return len(texts) <= 1 and not _is_day(cell) and (not _has_digit(cell) or shown.isdigit())

    @staticmethod
    def _is_address(cell: Cell) -> bool:
        return "." in _shown(cell) and " " not in _shown(cell)

    def _begins(self, cell: Cell, *kinds: str) -> bool:
        """Whether a text begins with a word of `kinds`; one of a single word needs to stand alone or with a number."""
        shown = plain(_shown(cell)) if isinstance(cell, str) else ""
        if "section" in kinds:
            shown = re.sub(r"^(\d+|[ivx]+|[a-h]) ", "", shown)
        return any(
            shown == word
            or (shown.startswith(f"{word} ") and (" " in word or kind == "section" or shown[-1].isdigit()))
            for kind in kinds
            for word in self._words[kind]
        )

    def _repeats_header(self, row: list[Cell]) -> bool:
        header = self._layout.header
        same = {
            name
            for name, index in self._columns.items()
            if index < len(row) and isinstance(row[index], str) and plain(_shown(row[index])) == plain(header[index])
        }
        return len(same) >= 2 and bool(same & {SUBJECT, TIME})


def _shown(cell: Cell) -> str:
    try:
        return text(cell)
    except InexactNumberError as error:
        return str(error)


def _has_digit(cell: Cell) -> bool:
    return any(each.isdigit() for each in _shown(cell))


def _is_day(cell: Cell) -> bool:
    try:
        return bool(moment(cell))
    except NotADateError:
        return False


def _is_numbering(row: list[Cell]) -> bool:
    """Whether the row only numbers the columns, (1) (2) (3) or A B 1 2, as official tables do below the header."""
    labels = [plain(_shown(cell)) for cell in row if not is_blank(cell)]
    return all(len(label) <= 2 and (label.isdigit() or len(label) == 1) for label in labels)

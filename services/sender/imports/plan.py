"""Plan of an import: what each sheet is read as, what a person is shown, and the refused rows as CSV. Pure."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.sender.batches import Event
from services.sender.imports.cells import Cell, InexactNumberError, text
from services.sender.imports.complaints import rejection
from services.sender.imports.contradictions import sort_out
from services.sender.imports.headings import SUBJECT, TIME, row_types
from services.sender.imports.layout import LayoutError, recognise, why_not
from services.sender.imports.mapping import Mapping
from services.sender.imports.rows import Refusal, RowReader, SheetImport
from services.sender.imports.sheets import SHEET_HEADER, Sheet
from services.sender.imports.unit_names import UnitNames
from services.sender.imports.values import ValueReader
from services.sender.imports.vocabulary import load_words
from shared.contracts.ingest import EventRejection
from shared.domain.catalogue import Catalogue

_NO_HEADER = "no row of it is a header of records"

_ROWS_NAMED = 10
"""Row numbers that are listed; of more rows, how many there are."""

_NOTES = ["Dòng / Row", "Cột / Column", "Lỗi", "Cách sửa", "Problem", "Remedy"]

_DOUBT = " ?"
"""Follows a cell that would be read, and wrongly perhaps, if it came back uncorrected."""

_DIGITS_EXCEL_SHOWS = 11
"""A number of more digits is shown by Excel as 1.23E+11."""


@dataclass
class Plan:
    """`sheets` of the sheets that are understood, and by name why the others are not: `passed_over` hold no records,
    `unclear` ones seem to."""

    sheets: list[SheetImport] = field(default_factory=list)
    passed_over: dict[str, str] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    unclear: dict[str, str] = field(default_factory=dict)

    @property
    def events(self) -> list[Event]:
        return [event for sheet in self.sheets for event in sheet.events]

    @property
    def places(self) -> list[tuple[SheetImport, int]]:
        """For each of `events` the sheet and the row it was made from."""
        return [(sheet, row) for sheet in self.sheets for row in sheet.rows]

    def take_back(self, rejected: list[EventRejection]) -> list[str]:
        """Count the rows behind events that ingest rejected as refused too, under the column its reason names.

        Returns what a person is shown of them.
        """
        shown: list[str] = []
        places = self.places
        for item in rejected:
            sheet, row = places[item.index]
            field_name = _field_of(item)
            column = sheet.layout.column_name(field_name) if field_name else ""
            reason = rejection(item.code, item.detail)
            sheet.refused.append(Refusal(row, [(column, reason)]))
            shown.append(f"  “{sheet.sheet.name}”, row {row}, column {column}: {reason.problem}. {reason.remedy}")
        rest = len(shown) - _ROWS_NAMED
        return [*shown[:_ROWS_NAMED], *([f"  and {rest:,} more"] if rest > 0 else [])]

    def lines(self) -> Iterator[str]:
        """What was understood, for a person to look over."""
        for sheet in self.sheets:
            yield from _described(sheet)
        for name, reason in self.passed_over.items():
            yield f"Sheet “{name}”: passed over: {reason}"
        for name in self.hidden:
            yield f"Sheet “{name}”: hidden, not read"
        for name, reason in self.unclear.items():
            yield f"Sheet “{name}”: NOT READ: {reason}"


def understand(sheets: list[Sheet], mapping: Mapping, catalogue: Catalogue, source: str, secret: str) -> Plan:
    """Read every sheet by its mapping or its own header; `secret` is the key that event ids are made under."""
    words = load_words()
    types = row_types(catalogue)
    values = ValueReader(UnitNames(catalogue, words), words)
    reader = RowReader(source, catalogue.project.type_prefix, secret, values)
    plan = Plan()
    for sheet in sheets:
        if sheet.is_hidden:
            plan.hidden.append(sheet.name)
            continue
        try:
            layout = recognise(sheet, mapping.for_sheet(sheet.name), types, words)
        except LayoutError as error:
            plan.unclear[sheet.name] = str(error)
            continue
        if layout is None:
            plan.passed_over[sheet.name] = why_not(sheet, mapping.for_sheet(sheet.name), words) or _NO_HEADER
            continue
        result = reader.read(sheet, layout)
        if result.is_empty:
            plan.unclear[sheet.name] = f"row {layout.header_row} is a header, but no row below it is a record"
        else:
            plan.sheets.append(result)
    sort_out(plan.sheets)
    return plan


def _field_of(item: EventRejection) -> str | None:
    if attribute := re.match(r"data\.(\w+)", item.detail):
        return attribute.group(1)
    return next((name for name in (TIME, SUBJECT) if item.detail.startswith(f"{name} ")), None)


def _described(sheet: SheetImport) -> Iterator[str]:
    layout = sheet.layout
    yield (
        f"Sheet “{sheet.sheet.name}”: {layout.type.name}, header in row {layout.header_row}: "
        f"{len(sheet.events):,} to send, {len(sheet.refused):,} refused"
    )
    for name in layout.columns:
        yield f"  {name} = column {layout.column_name(name)}"
    for name, value in layout.constants.items():
        yield f"  {name} = {value!r} in every row"
    if unused := layout.unused():
        yield f"  not read: {', '.join(f'“{name}”' for name in unused)}"
    for words, rows in _remarkable(sheet):
        if rows:
            yield f"  {words}: {_rows(rows)}"
    for event in sheet.events[:1]:
        yield f"  first: {event['subject']} at {event['time']} {event.get('data', '')}"
    for refusal in sheet.refused[:3]:
        for column, complaint in refusal.complaints:
            yield f"  row {refusal.row}, column {column}: {complaint.problem}. {complaint.remedy}"


def _remarkable(sheet: SheetImport) -> Iterator[tuple[str, list[int]]]:
    """Rows that a person should know of, with what is remarkable about them."""
    hidden = {*sheet.sheet.hidden_rows}
    yield "passed over, no records", sheet.passed_over
    yield "hidden, but read", sorted(hidden & {*sheet.rows, *(refusal.row for refusal in sheet.refused)})
    yield "another row gives another date or value, the latest date counts", sheet.restated
    yield "say again what an earlier row says", sheet.repeated


def _rows(numbers: list[int]) -> str:
    named = ", ".join(map(str, numbers[:_ROWS_NAMED]))
    rest = len(numbers) - _ROWS_NAMED
    return f"row{'s' if len(numbers) > 1 else ''} {named}" + (f" and {rest:,} more" if rest > 0 else "")


def refused_csv(sheet: SheetImport) -> str:
    """The refused rows of one sheet with its own columns and, after them, what is wrong and the remedy.

    It can be corrected and imported again.
    """
    width = max(len(sheet.layout.header), *(len(row) for row in sheet.sheet.rows))
    own = [*range(width)]
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow([*_padded(sheet.layout.header, own), SHEET_HEADER, *_NOTES])
    for refusal in sorted(sheet.refused, key=lambda refusal: refusal.row):
        row = sheet.sheet.rows[refusal.row - 1]
        complaints = [complaint for _, complaint in refusal.complaints]
        notes = [
            "; ".join(column for column, _ in refusal.complaints),
            "; ".join(complaint.problem_vi for complaint in complaints),
            "; ".join(complaint.remedy_vi for complaint in complaints),
            "; ".join(complaint.problem for complaint in complaints),
            "; ".join(complaint.remedy for complaint in complaints),
        ]
        cells = [_shown_as_typed(cell) for cell in [*_padded(row, own), sheet.sheet.name, *notes]]
        for name in sheet.layout.columns:
            if any(each.is_doubt and column == sheet.layout.column_name(name) for column, each in refusal.complaints):
                cells[sheet.layout.columns[name]] += _DOUBT
        writer.writerow([*cells[: width + 1], refusal.row, *cells[width + 1 :]])
    return lines.getvalue()


def _padded(row: list[Cell] | list[str], own: list[int]) -> list[Cell]:
    return [row[index] if index < len(row) else "" for index in own]


def _shown_as_typed(cell: Cell) -> str:
    """Text that Excel shows as it is: not run as a formula, not shortened as a number. Reading drops the apostrophe."""
    try:
        shown = text(cell)
    except InexactNumberError as error:
        return f"'{error}"
    is_number = shown.isdigit() and (shown.startswith("0") or len(shown) > _DIGITS_EXCEL_SHOWS)
    return f"'{shown}" if is_number or shown.startswith(("=", "+", "-", "@")) else shown

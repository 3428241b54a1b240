"""Rows as events: what can be sent, and what a person has to correct first. Pure."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from services.sender.batches import Event
from services.sender.imports.cells import Cell, InexactNumberError, plain, text
from services.sender.imports.layout import SUBJECT, TIME, Layout
from services.sender.imports.sheets import Sheet
from services.sender.imports.values import Complaint, ComplaintError, ValueReader, complaint, read_moment, read_text


@dataclass(frozen=True)
class Refusal:
    """Row `row` of its sheet is not sent: what is wrong in which of its columns."""

    row: int
    complaints: list[tuple[str, Complaint]]


@dataclass
class SheetImport:
    """What became of the rows of one sheet; `rows[i]` is the row that `events[i]` was made from.

    `repeated` rows say what an earlier one says, `passed_over` rows have neither subject nor time: numbering,
    totals, signatures.
    """

    sheet: Sheet
    layout: Layout
    events: list[Event] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    passed_over: list[int] = field(default_factory=list)


class RowReader:
    """Makes the events of one upstream source.

    An event's id is an HMAC-SHA-256 of all that the row says, under the source's bearer key: the same row is the
    same event whenever and from whichever file it is imported, and nobody without the key can try out subjects.
    """

    def __init__(self, source: str, type_prefix: str, secret: str, values: ValueReader) -> None:
        self._source = source
        self._type_prefix = type_prefix
        self._secret = secret.encode()
        self._values = values

    def read(self, sheet: Sheet, layout: Layout) -> SheetImport:
        """All rows below the header."""
        result = SheetImport(sheet, layout)
        made: list[tuple[int, Event]] = []
        for number, row in _records(result):
            try:
                made.append((number, self._event(sheet, layout, row)))
            except _RowError as error:
                result.refused.append(Refusal(number, error.complaints))
        _sort_out(result, made)
        return result

    def _event(self, sheet: Sheet, layout: Layout, row: list[Cell]) -> Event:
        complaints: list[tuple[str, Complaint]] = []
        values: dict[str, Any] = {}
        for name in (SUBJECT, TIME, *layout.type.attributes):
            try:
                values[name] = self._value(sheet, layout, name, _cell(layout, row, name))
            except ComplaintError as error:
                complaints.append((layout.column_name(name), error.complaint))
        if complaints:
            raise _RowError(complaints)
        event: Event = {
            "specversion": "1.0",
            "source": self._source,
            "type": self._type_prefix + layout.type.name,
            "subject": values.pop(SUBJECT),
            "time": values.pop(TIME),
        }
        if values:
            event |= {"datacontenttype": "application/json", "data": values}
        content = json.dumps(event, sort_keys=True, ensure_ascii=False).encode()
        return event | {"id": hmac.digest(self._secret, content, hashlib.sha256).hex()[:40]}

    def _value(self, sheet: Sheet, layout: Layout, name: str, cell: Cell) -> str | bool:
        if name == SUBJECT:
            return read_text(cell)
        if name == TIME:
            return read_moment(cell, since_1904=sheet.since_1904)
        return self._values.read(name, layout.type.attributes[name], cell)


class _RowError(ValueError):
    def __init__(self, complaints: list[tuple[str, Complaint]]) -> None:
        super().__init__()
        self.complaints = complaints


def _sort_out(result: SheetImport, made: list[tuple[int, Event]]) -> None:
    """Tell the first row of an event from its repetitions, and refuse all rows that contradict each other.

    Contradicting rows speak of one subject at one time: which of them would count is a matter of chance.
    """
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for number, event in made:
        rows.setdefault((event["subject"], event["time"]), {}).setdefault(event["id"], number)
    for number, event in made:
        first_rows = rows[event["subject"], event["time"]]
        others = [row for event_id, row in first_rows.items() if event_id != event["id"]]
        if others:
            column = result.layout.column_name(SUBJECT)
            result.refused.append(Refusal(number, [(column, complaint("contradiction", row=others[0]))]))
        elif first_rows[event["id"]] != number:
            result.repeated.append(number)
        else:
            result.events.append(event)
            result.rows.append(number)


def _records(result: SheetImport) -> Iterator[tuple[int, list[Cell]]]:
    layout = result.layout
    for number, row in enumerate(result.sheet.rows[layout.header_row :], start=layout.header_row + 1):
        if not any(cell != "" for cell in row):
            continue
        keys = [_cell(layout, row, name) for name in (SUBJECT, TIME) if name in layout.columns]
        if all(_is_blank(cell) for cell in keys) or (number == layout.header_row + 1 and _is_numbering(row)):
            result.passed_over.append(number)
        else:
            yield number, row


def _cell(layout: Layout, row: list[Cell], name: str) -> Cell:
    if name in layout.constants:
        return layout.constants[name]
    index = layout.columns[name]
    return row[index] if index < len(row) else ""


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not text(cell)


def _is_numbering(row: list[Cell]) -> bool:
    """Whether the row only numbers the columns, (1) (2) (3) or A B 1 2, as official tables do below the header."""
    try:
        labels = [plain(text(cell)) for cell in row if not _is_blank(cell)]
    except InexactNumberError:
        return False
    return all(len(label) <= 2 and (label.isdigit() or len(label) == 1) for label in labels)

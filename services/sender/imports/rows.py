"""Rows as events: what can be sent, and what a person has to correct first. Pure."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from services.sender.batches import Event, identified
from services.sender.imports.cells import Cell
from services.sender.imports.complaints import Complaint, ComplaintError
from services.sender.imports.date_columns import DateReader
from services.sender.imports.headings import SUBJECT, TIME, Layout
from services.sender.imports.identity import SubjectReader
from services.sender.imports.records import RecordFinder
from services.sender.imports.sheets import Sheet
from services.sender.imports.values import ValueReader
from shared.domain.clock import LOCAL

_AttributeReading = Callable[[Cell, dt.date | None], str | bool]
"""A cell and the row's day -> the value."""


@dataclass(frozen=True)
class Refusal:
    """Row `row` of its sheet is not sent: what is wrong in which of its columns."""

    row: int
    complaints: list[tuple[str, Complaint]]


@dataclass
class SheetImport:
    """What became of the rows of one sheet; `rows[i]` is the row that `events[i]` was made from.

    `repeated` rows say what an earlier one says, `restated` rows speak of what another dates otherwise,
    `passed_over` rows are no records: numbering, totals, signatures.
    """

    sheet: Sheet
    layout: Layout
    events: list[Event] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    restated: list[int] = field(default_factory=list)
    passed_over: list[int] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.events or self.refused)


class RowReader:
    """Makes the events of one upstream source.

    An event's id is an HMAC-SHA-256 of all that the row says, under the source's bearer key: the same row is the
    same event whenever and from whichever file it is imported, and nobody without the key can try out subjects.
    """

    def __init__(self, source: str, type_prefix: str, secret: str, values: ValueReader) -> None:
        self._source = source
        self._type_prefix = type_prefix
        self._secret = secret
        self._values = values

    def read(self, sheet: Sheet, layout: Layout) -> SheetImport:
        """All rows below the header."""
        result = SheetImport(sheet, layout)
        records = [*RecordFinder(layout, self._values.words.remarks).records(sheet.rows, result.passed_over)]
        columns = self._columns(sheet, layout, [row for _, row in records])
        for number, row in records:
            try:
                event = self._event(layout, row, columns)
            except _RowError as error:
                result.refused.append(Refusal(number, error.complaints))
            else:
                result.events.append(event)
                result.rows.append(number)
        return result

    def _columns(self, sheet: Sheet, layout: Layout, rows: list[list[Cell]]) -> "_Columns":
        is_address = layout.type.kind in self._values.words.ids["address"]
        subjects = SubjectReader(
            (_cell(layout, row, SUBJECT) for row in rows), is_address=is_address, is_typed=sheet.is_typed
        )
        dates = DateReader((_cell(layout, row, TIME) for row in rows), since_1904=sheet.since_1904)
        attributes: dict[str, _AttributeReading] = {
            name: partial(self._values.read, name, allowed, blanks_are_sure=sheet.blanks_are_sure)
            for name, allowed in layout.type.attributes.items()
        }
        return _Columns(subjects, dates, attributes)

    def _event(self, layout: Layout, row: list[Cell], columns: "_Columns") -> Event:
        complaints: list[tuple[str, Complaint]] = []
        values: dict[str, Any] = {}
        day: dt.date | None = None
        for name in (SUBJECT, TIME, *columns.attributes):
            cell = _cell(layout, row, name)
            try:
                if name == SUBJECT:
                    values[name] = columns.subjects.read(cell)
                elif name == TIME:
                    values[name] = columns.dates.read(cell)
                    day = dt.datetime.fromisoformat(values[name]).astimezone(LOCAL).date()
                else:
                    values[name] = columns.attributes[name](cell, day)
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
        return identified(event, self._secret)


class _Columns(NamedTuple):
    """What reads the cells of each field; id and date are judged by their whole column."""

    subjects: SubjectReader
    dates: DateReader
    attributes: dict[str, _AttributeReading]


class _RowError(ValueError):
    def __init__(self, complaints: list[tuple[str, Complaint]]) -> None:
        super().__init__()
        self.complaints = complaints


def _cell(layout: Layout, row: list[Cell], name: str) -> Cell:
    if name in layout.constants:
        return layout.constants[name]
    index = layout.columns[name]
    return row[index] if index < len(row) else ""

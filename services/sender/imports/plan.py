"""A whole file understood: which sheets are read, as what, and what a person is shown before anything is sent. Pure."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.sender.batches import Event, Rejected
from services.sender.imports.layout import SUBJECT, TIME, LayoutError, recognise, row_types
from services.sender.imports.mapping import Mapping
from services.sender.imports.row_errors import rejection
from services.sender.imports.rows import Reading, Refusal, RowReader
from services.sender.imports.sheets import Sheet
from services.sender.imports.values import UnitNames, ValueReader
from services.sender.imports.vocabulary import load_words
from shared.domain.catalogue import Catalogue

_ROWS_NAMED = 10


@dataclass
class Plan:
    """`readings` of the sheets that are understood, and why the others are not: `passed_over` hold no records,
    `unclear` ones seem to."""

    readings: list[Reading] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    unclear: dict[str, str] = field(default_factory=dict)

    @property
    def events(self) -> list[Event]:
        return [event for reading in self.readings for event in reading.events]

    @property
    def places(self) -> list[tuple[Reading, int]]:
        """For each of `events` the sheet and the row it was made from."""
        return [(reading, row) for reading in self.readings for row in reading.rows]

    def digest(self) -> str:
        """Names what is to be sent: an id stands for all its event says."""
        return hashlib.sha256("".join(event["id"] for event in self.events).encode()).hexdigest()

    def take_back(self, rejected: list[Rejected]) -> None:
        """Count the rows behind events that ingest rejected as refused too, under the column its reason names."""
        places = self.places
        for item in rejected:
            reading, row = places[item.index]
            field_name = _field_of(item)
            column = reading.layout.column_name(field_name) if field_name else ""
            reading.refused.append(Refusal(row, [(column, rejection(item.code, item.detail))]))

    def lines(self) -> Iterator[str]:
        """What was understood, for a person to look over."""
        for reading in self.readings:
            yield from _described(reading)
        for name in self.passed_over:
            yield f"Sheet “{name}”: passed over, no row of it is a header of records"
        for name, reason in self.unclear.items():
            yield f"Sheet “{name}”: NOT READ: {reason}"


def understand(sheets: list[Sheet], mapping: Mapping, catalogue: Catalogue, source: str, secret: str) -> Plan:
    """Read every sheet by its mapping or its own header; `secret` is the key that event ids are made under."""
    words = load_words()
    types = row_types(catalogue)
    values = ValueReader(UnitNames(catalogue.units, words), words)
    reader = RowReader(source, catalogue.project.type_prefix, secret, values)
    plan = Plan()
    for sheet in sheets:
        try:
            layout = recognise(sheet, mapping.of(sheet.name), types, words)
        except LayoutError as error:
            plan.unclear[sheet.name] = str(error)
            continue
        if layout is None:
            plan.passed_over.append(sheet.name)
        else:
            plan.readings.append(reader.read(sheet, layout))
    return plan


def _field_of(item: Rejected) -> str | None:
    if attribute := re.match(r"data\.(\w+)", item.detail):
        return attribute.group(1)
    return next((name for name in (TIME, SUBJECT) if item.detail.startswith(f"{name} ")), None)


def _described(reading: Reading) -> Iterator[str]:
    layout = reading.layout
    yield (
        f"Sheet “{reading.sheet.name}”: {layout.type.name}, header in row {layout.header_row}: "
        f"{len(reading.events):,} to send, {len(reading.refused):,} refused"
    )
    for name in layout.columns:
        yield f"  {name} = column {layout.column_name(name)}"
    for name, value in layout.constants.items():
        yield f"  {name} = {value!r} in every row"
    if unused := layout.unused():
        yield f"  not read: {', '.join(f'“{name}”' for name in unused)}"
    if reading.passed_over:
        yield f"  passed over, no records: {_rows(reading.passed_over)}"
    if reading.repeated:
        yield f"  say again what an earlier row says: {_rows(reading.repeated)}"
    for event in reading.events[:1]:
        yield f"  first: {event['subject']} at {event['time']} {event.get('data', '')}"
    for refusal in reading.refused[:3]:
        for column, complaint in refusal.complaints:
            yield f"  row {refusal.row}, column {column}: {complaint.problem}. {complaint.remedy}"


def _rows(numbers: list[int]) -> str:
    named = ", ".join(map(str, numbers[:_ROWS_NAMED]))
    rest = len(numbers) - _ROWS_NAMED
    return f"row{'s' if len(numbers) > 1 else ''} {named}" + (f" and {rest:,} more" if rest > 0 else "")

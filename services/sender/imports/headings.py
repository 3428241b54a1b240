"""Headings: what a column may be by what stands above it, and how well a row fits as the header of a type. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.sender.imports.cells import Cell, InexactNumberError, column_letter, is_blank, plain, text
from services.sender.imports.mapping import SheetMapping
from services.sender.imports.vocabulary import Known, Words
from shared.domain.catalogue import Attribute, Catalogue

SUBJECT = "subject"
TIME = "time"

NAMED = 8
_SPECIFIC, _GENERIC = 4, 1
"""How much a type named by mapping or sheet, a heading of one type, and one of several types count for a layout."""

_SHOWN = 8
"""Headings that a message lists."""

_NUMBER_IN_FRONT = re.compile(r"\s*\(?(?:\d{1,2}|[IVX]{1,4}|[a-h])[.)]\s*")


@dataclass(frozen=True)
class RowType:
    """An event type that rows may be: its name without prefix, its kind, its attributes, and its place in the kind."""

    name: str
    kind: str
    attributes: dict[str, Attribute]
    begins: bool
    ends: bool


@dataclass(frozen=True)
class Layout:
    """`columns` field -> index; `constants` field -> value of every row; `header` the texts of the header row.

    `ambiguous` says which fields have two columns; `is_generic` that the date has a heading of any type.
    """

    type: RowType
    header_row: int
    header: list[str]
    columns: dict[str, int]
    constants: dict[str, str | bool]
    ambiguous: list[str] = field(default_factory=list)
    is_generic: bool = False

    def column_name(self, field: str) -> str:
        """A column as people find it: `C “Ngày mở”`."""
        index = self.columns.get(field)
        return field if index is None else named_column(index, self.header)

    def unused(self) -> list[str]:
        """Headers of columns that are not read."""
        used = set(self.columns.values())
        return [name for index, name in enumerate(self.header) if name and index not in used]


def row_types(catalogue: Catalogue) -> list[RowType]:
    """Every event type of the catalogue."""
    return [
        RowType(event.type, name, event.data, begins=event is kind.begin, ends=event is kind.end)
        for name, kind in catalogue.kinds.items()
        for event in (kind.begin, kind.step, kind.end)
        if event is not None
    ]


def headings_of(row: list[Cell]) -> list[str]:
    """The texts of a row that may be a header."""
    shown = []
    for cell in row:
        try:
            shown.append(text(cell))
        except InexactNumberError as error:
            shown.append(str(error))
    return shown


def named_column(index: int, header: list[str]) -> str:
    """`C “Ngày mở”`."""
    return f"{column_letter(index)} “{header[index]}”"


def listed(header: list[str]) -> str:
    """The headings of a row, for a message."""
    names = [f"“{name}”" for name in header if name]
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


class Headings:
    """Compares headings with the words of the vocabulary."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._full = {form: plain(name) for name, forms in words.short_headings.items() for form in forms}
        tables = (words.subject, words.person, words.time)
        self._keys = {form for table in tables for forms in table.values() for form in forms}

    def fit(
        self, number: int, header: list[str], row_type: RowType, mapping: SheetMapping, *, is_named: bool
    ) -> tuple[int, Layout] | None:
        """The layout of a row read as the header of `row_type`, with how well it fits; None where it does not."""
        score = NAMED if is_named else 0
        columns: dict[str, int] = {}
        ambiguous: list[str] = []
        is_generic = False
        for name, tiers in self._fields(row_type):
            if name in mapping.constants:
                continue
            if name in mapping.columns:
                tiers = [frozenset([plain(mapping.columns[name])])]
            for tier, forms in enumerate(tiers):
                indexes = [index for index, cell in enumerate(header) if self._is(cell, forms, tiers)]
                if not indexes:
                    continue
                columns[name] = indexes[0]
                score += _SPECIFIC if name in (SUBJECT, TIME) and tier == 0 else _GENERIC
                is_generic |= name == TIME and tier > 0
                same = [i for i in indexes if name in (SUBJECT, TIME) or plain(header[i]) == plain(header[indexes[0]])]
                if len(same) > 1:
                    ambiguous.append(f"{name} could be {' or '.join(named_column(i, header) for i in same)}")
                break
        is_sure = is_named or score >= _SPECIFIC + _GENERIC
        if is_sure and SUBJECT in columns and (TIME in columns or TIME in mapping.constants):
            return score, Layout(row_type, number, header, columns, mapping.constants, ambiguous, is_generic)
        return None

    def of_other_types(self, layout: Layout, types: list[RowType]) -> Iterator[tuple[int, RowType, bool]]:
        """Columns not read that are of another type of the same kind, and whether they are its date."""
        used = set(layout.columns.values())
        for other in types:
            if other.kind != layout.type.kind or other == layout.type:
                continue
            for name, tiers in self._fields(other):
                if name == SUBJECT or name in layout.type.attributes:
                    continue
                for index, heading in enumerate(layout.header):
                    if index not in used and self._is(heading, tiers[0], tiers):
                        yield index, other, name == TIME

    def count_known(self, header: list[str]) -> int:
        """How many headings of a row name an id or a date."""
        return sum(bool(self._names(heading) & self._keys) for heading in header)

    def missing_of(self, header: list[str]) -> str:
        """What a row with one known heading lacks to be a header."""
        times = {form for forms in self._words.time.values() for form in forms}
        has_time = any(self._names(heading) & times for heading in header)
        return "what is counted, such as “Mã tài khoản”" if has_time else "its date, such as “Ngày mở”"

    def named_types(self, sheet: str, types: list[RowType]) -> set[str]:
        """The types that the name of a sheet speaks of; of one kind the one it names with most words."""
        name = f" {self._expanded(plain(sheet))} "
        longest: dict[str, dict[str, int]] = {}
        for row_type in types:
            forms = forms_of(self._words.types, row_type.name)
            lengths = [len(form.split()) for form in forms if f" {form} " in name]
            if lengths:
                longest.setdefault(row_type.kind, {})[row_type.name] = max(lengths)
        begins = {row_type.name for row_type in types if row_type.begins}
        named: set[str] = set()
        for lengths_of in longest.values():
            best = max(lengths_of.values())
            of_kind = {each for each, length in lengths_of.items() if length == best}
            named |= of_kind - begins or of_kind
        return named

    def _fields(self, row_type: RowType) -> Iterator[tuple[str, list[frozenset[str]]]]:
        """Each field with the headings that name it and then those that may mean it."""
        words = self._words
        weak = words.person.get(row_type.kind, frozenset())
        yield SUBJECT, [forms_of(words.subject, row_type.kind), weak, words.subject["any"]]
        yield TIME, [forms_of(words.time, row_type.name), words.time["any"]]
        for attribute in row_type.attributes:
            yield attribute, [forms_of(words.attributes, attribute)]

    def _is(self, heading: str, forms: frozenset[str], tiers: list[frozenset[str]]) -> bool:
        """Whether a heading is of `forms`; one in two languages with / between them if each part is of the field."""
        if self._names(heading) & forms:
            return True
        parts = [self._names(part) for part in re.sub(r"\([^)]*\)", " ", heading).split("/")]
        any_form = frozenset[str]().union(*tiers)
        return len(parts) > 1 and all(part & any_form for part in parts) and any(part & forms for part in parts)

    def _names(self, heading: str) -> set[str]:
        """What a heading can be known by: all of it, without brackets, number in front and abbreviations."""
        short = re.sub(r"\([^)]*\)", " ", heading)
        bare = _NUMBER_IN_FRONT.sub("", short, count=1) if _NUMBER_IN_FRONT.match(short) else short
        names = {plain(name) for name in (heading, short, bare)}
        return (names | {self._expanded(name) for name in names}) - {""}

    def _expanded(self, name: str) -> str:
        return " ".join(self._full.get(each, each) for each in name.split())


def forms_of(known: Known, name: str) -> frozenset[str]:
    """The forms of a name, and the name itself."""
    return known.get(name, frozenset()) | {plain(name)}


def has_content(rows: list[list[Cell]], index: int) -> bool:
    """Whether anything stands in a column."""
    return any(index < len(row) and not is_blank(row[index]) for row in rows)

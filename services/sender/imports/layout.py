"""Layout: which row of a sheet is its header, which event its rows are, which column is which field; mapping files."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.sender.imports.cells import Cell, InexactNumberError, column_letter, plain, text
from services.sender.imports.sheets import Sheet
from shared.domain.catalogue import Attribute, Catalogue

EVERY_SHEET = "*"


class MappingError(ValueError):
    """The mapping file cannot be used; the message says where and why."""


class SheetMapping(BaseModel):
    """For one sheet: its event type (without prefix), the row of its header, field -> header, field -> value.

    Fields are `subject`, `time` and the names of the type's attributes. A constant stands in every row.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str | None = None
    header_row: int | None = Field(None, ge=1)
    columns: dict[str, str] = {}
    constants: dict[str, str | bool] = {}


class Mapping(BaseModel):
    """Sheet mappings by the sheet's name; that of "*" is for every sheet that has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sheets: dict[str, SheetMapping] = {}

    def for_sheet(self, sheet: str) -> SheetMapping:
        return self.sheets.get(sheet) or self.sheets.get(EVERY_SHEET) or SheetMapping()


def read_mapping(file: Path) -> Mapping:
    """The mapping of a TOML file.

    Raises:
        MappingError: no TOML, or something in it that is no mapping.
    """
    try:
        return Mapping.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{file} is not readable TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MappingError(f"{file}: {where}: {first['msg']}; docs/importing.md shows a mapping file") from error


Known = dict[str, frozenset[str]]
"""A name -> the plain forms it is known by."""


@dataclass(frozen=True)
class Words:
    """`subject` by kind, `time` and `types` by type, `attributes` by attribute; `values` by attribute and value."""

    subject: Known
    time: Known
    attributes: Known
    types: Known
    values: dict[str, Known]
    units: Known
    abbreviations: Known


@cache
def load_words() -> Words:
    """The words of vocabulary.toml in their plain forms."""
    tables = tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text(encoding="utf-8"))
    values = tables.pop("values")
    known = {name: _plain_forms(table) for name, table in tables.items()}
    return Words(values={name: _plain_forms(table) for name, table in values.items()}, **known)


def _plain_forms(table: dict[str, list[str]]) -> Known:
    return {name: frozenset(plain(word) for word in words) for name, words in table.items()}


SUBJECT = "subject"
TIME = "time"

_HEADER_WITHIN = 30
"""Rows from the top, among which the header is looked for."""

_SPECIFIC, _GENERIC, _NAMED = 4, 1, 8
"""How much a heading of one type, a heading of several, and a type named by mapping or sheet count for a layout."""


class LayoutError(ValueError):
    """The sheet looks like data but cannot be imported as it is; the message says what is missing."""


@dataclass(frozen=True)
class RowType:
    """An event type that rows may be: its name without prefix, its kind, its attributes, whether it begins a kind."""

    name: str
    kind: str
    attributes: dict[str, Attribute]
    begins: bool


@dataclass(frozen=True)
class Layout:
    """`columns` field -> index; `constants` field -> value of every row; `header` the texts of the header row."""

    type: RowType
    header_row: int
    header: list[str]
    columns: dict[str, int]
    constants: dict[str, str | bool]

    def column_name(self, field: str) -> str:
        """A column as people find it: `C “Ngày mở”`."""
        index = self.columns.get(field)
        return field if index is None else f"{column_letter(index)} “{self.header[index]}”"

    def unused(self) -> list[str]:
        """Headers of columns that are not read."""
        used = set(self.columns.values())
        return [name for index, name in enumerate(self.header) if name and index not in used]


def row_types(catalogue: Catalogue) -> list[RowType]:
    """Every event type of the catalogue."""
    return [
        RowType(event.type, name, event.data, event is kind.begin)
        for name, kind in catalogue.kinds.items()
        for event in (kind.begin, kind.step, kind.end)
        if event is not None
    ]


def recognise(sheet: Sheet, mapping: SheetMapping, types: list[RowType], words: Words) -> Layout | None:
    """The layout that explains `sheet` best, None where no row looks like a header.

    Raises:
        LayoutError: a header is there, but a needed column is not, or it fits two types equally.
    """
    candidates = [row_type for row_type in types if mapping.type in (None, row_type.name)]
    if not candidates:
        raise LayoutError(f"type {mapping.type!r} of the mapping is none of: {', '.join(t.name for t in types)}")
    scored = [
        (score, layout)
        for layout_row in _header_rows(sheet, mapping)
        for row_type in candidates
        for score, layout in _fits(sheet.name, mapping, row_type, words, *layout_row)
    ]
    if not scored:
        return None
    best = max(score for score, _ in scored)
    layouts = [layout for score, layout in scored if score == best]
    first = next((layout for layout in layouts if layout.type.begins), layouts[0])
    rivals = {layout.type.kind for layout in layouts}
    if len(rivals) > 1:
        raise LayoutError(f"could hold {' or '.join(sorted(rivals))} rows: name its type in a mapping file")
    _check_complete(first)
    return first


def _header_rows(sheet: Sheet, mapping: SheetMapping) -> Iterator[tuple[int, list[str]]]:
    if mapping.header_row is not None:
        rows = [mapping.header_row] if mapping.header_row <= len(sheet.rows) else []
    else:
        rows = list(range(1, min(_HEADER_WITHIN, len(sheet.rows)) + 1))
    for number in rows:
        yield number, [_shown(cell) for cell in sheet.rows[number - 1]]


def _shown(cell: Cell) -> str:
    try:
        return text(cell)
    except InexactNumberError as error:
        return str(error)


def _fits(
    sheet: str, mapping: SheetMapping, row_type: RowType, words: Words, number: int, header: list[str]
) -> Iterator[tuple[int, Layout]]:
    """The layout of a row read as the header of `row_type`, with how well it fits; nothing where it does not."""
    known = [_names(cell) for cell in header]
    type_is_named = mapping.type is not None or plain(sheet) in _forms(words.types, row_type.name)
    score = _NAMED if type_is_named else 0
    columns: dict[str, int] = {}
    for field, specific, generic in _fields(row_type, words):
        if field in mapping.constants:
            continue
        if field in mapping.columns:
            specific, generic = frozenset([plain(mapping.columns[field])]), frozenset[str]()
        for forms, worth in ((specific, _SPECIFIC), (generic, _GENERIC)):
            indexes = [index for index, names in enumerate(known) if names & forms]
            if indexes:
                columns[field] = indexes[0]
                score += worth if field in (SUBJECT, TIME) else _GENERIC
                break
    is_sure = type_is_named or score >= _SPECIFIC + _GENERIC
    if is_sure and SUBJECT in columns and (TIME in columns or TIME in mapping.constants):
        yield score, Layout(row_type, number, header, columns, mapping.constants)


def _fields(row_type: RowType, words: Words) -> Iterator[tuple[str, frozenset[str], frozenset[str]]]:
    """Each field with the headers that name it and those that may mean it."""
    yield SUBJECT, _forms(words.subject, row_type.kind), words.subject["any"]
    yield TIME, _forms(words.time, row_type.name), words.time["any"]
    for attribute in row_type.attributes:
        yield attribute, _forms(words.attributes, attribute), frozenset()


def _forms(known: Known, name: str) -> frozenset[str]:
    return known.get(name, frozenset()) | {plain(name)}


def _names(header: str) -> set[str]:
    """What a header can be known by: all of it, without brackets, and each of its languages."""
    short = re.sub(r"\([^)]*\)", " ", header)
    return {plain(name) for name in (header, short, *short.split("/"))} - {""}


def _check_complete(layout: Layout) -> None:
    missing = [name for name in layout.type.attributes if name not in layout.columns and name not in layout.constants]
    if missing:
        raise LayoutError(
            f"row {layout.header_row} is the header of {layout.type.name} rows, but no column is {', '.join(missing)}: "
            "add the column, or a constant for it in a mapping file"
        )

"""Layout: which row of a sheet is its header, and which event its rows are; in doubt a person is asked. Pure."""

import re
import unicodedata
from collections.abc import Iterator

from services.sender.imports.cells import is_blank, plain, text
from services.sender.imports.headings import Headings, Layout, RowType, has_content, headings_of, listed
from services.sender.imports.mapping import SheetMapping
from services.sender.imports.sheets import SHEET_HEADER, Sheet
from services.sender.imports.text_files import old_font
from services.sender.imports.vocabulary import Words

_HEADER_WITHIN = 30
"""Rows from the top, among which the header is looked for."""

_HEADER_HEIGHT = 2
"""Rows that a header may have above its last one."""

_NAME_IT = "name its type in a mapping file"


class LayoutError(ValueError):
    """The sheet looks like data but cannot be imported as it is; the message says what is missing."""


def recognise(sheet: Sheet, mapping: SheetMapping, types: list[RowType], words: Words) -> Layout | None:
    """The layout that explains `sheet` best, None where no row looks like a header.

    Raises:
        LayoutError: a header is there, but a needed column is not, or it is not sure what its rows are.
    """
    candidates = [row_type for row_type in types if mapping.type in (None, row_type.name)]
    if not candidates:
        raise LayoutError(f"type {mapping.type!r} of the mapping is none of: {', '.join(t.name for t in types)}")
    headings = Headings(words)
    named = {mapping.type} if mapping.type else headings.named_types(sheet.name, types)
    scored = [
        fit
        for number in _header_rows(sheet, mapping)
        for row_type in candidates
        if (fit := _fit(sheet, number, row_type, mapping, headings, is_named=row_type.name in named))
    ]
    if not scored:
        return None
    best = max(score for score, _ in scored)
    layouts = [layout for score, layout in scored if score == best]
    first = next((layout for layout in layouts if layout.type.begins), layouts[0])
    rivals = {layout.type.kind for layout in layouts}
    if len(rivals) > 1:
        raise LayoutError(f"could hold {' or '.join(sorted(rivals))} rows: {_NAME_IT}")
    _check_complete(first)
    if first.ambiguous:
        raise LayoutError(f"{'; '.join(first.ambiguous)}: name the right column in a mapping file")
    if not mapping.type:
        _check_type(sheet, first, types, named, headings, words)
    _check_single(sheet, first, types, headings)
    return first


def why_not(sheet: Sheet, mapping: SheetMapping, words: Words) -> str | None:
    """Why no row of a sheet is a header, from the row that comes nearest; None where nothing looks like one."""
    if mapping.header_row and mapping.header_row > len(sheet.rows):
        return f"the mapping's header_row is {mapping.header_row}, but it has {len(sheet.rows)} rows"
    rows = [headings_of(row) for row in sheet.rows[:_HEADER_WITHIN]]
    if font := old_font("\n".join(" ".join(row) for row in rows)):
        return font
    seen = {plain(heading) for row in rows for heading in row}
    if absent := [name for name in mapping.columns.values() if plain(name) not in seen]:
        return f"no row has the mapping's column {listed(absent)}"
    headings = Headings(words)
    counts = [headings.count_known(row) for row in rows]
    if not any(counts):
        return None
    number = counts.index(max(counts))
    return f"row {number + 1} ({listed(rows[number])}) is no header: no column is {headings.missing_of(rows[number])}"


def _header_rows(sheet: Sheet, mapping: SheetMapping) -> list[int]:
    """Numbers of the rows that may be the header; a file of refused rows has it in its first row, whatever it had."""
    is_refused = bool(sheet.rows) and SHEET_HEADER in headings_of(sheet.rows[0])
    if mapping.header_row is not None and not is_refused:
        return [mapping.header_row] if mapping.header_row <= len(sheet.rows) else []
    return list(range(1, min(_HEADER_WITHIN, len(sheet.rows)) + 1))


def _fit(
    sheet: Sheet, number: int, row_type: RowType, mapping: SheetMapping, headings: Headings, *, is_named: bool
) -> tuple[int, Layout] | None:
    return headings.fit(number, headings_of(sheet.rows[number - 1]), row_type, mapping, is_named=is_named)


def _check_complete(layout: Layout) -> None:
    missing = [name for name in layout.type.attributes if name not in layout.columns and name not in layout.constants]
    if missing:
        raise LayoutError(
            f"row {layout.header_row} ({listed(layout.header)}) is the header of {layout.type.name} rows, but no "
            f"column is {', '.join(missing)}: add the column, or a constant for it in a mapping file"
        )


def _check_type(
    sheet: Sheet, layout: Layout, types: list[RowType], named: set[str], headings: Headings, words: Words
) -> None:
    """Refuse what another column, the sheet's name or a title calls another type of the same kind."""
    own = layout.type
    below = sheet.rows[layout.header_row :]
    for index, other, is_date in headings.of_other_types(layout, types):
        if has_content(below, index) and (is_date or own.name not in named):
            column = listed([layout.header[index]])
            raise LayoutError(f"could hold {own.name} rows or, by its column {column}, {other.name} rows: {_NAME_IT}")
    others = {row_type.name for row_type in types if row_type.kind == own.kind} & named - {own.name}
    if others:
        raise LayoutError(f"its columns are of {own.name} rows, its name says {', '.join(sorted(others))}: {_NAME_IT}")
    titles = [text(cell) for row in sheet.rows[: layout.header_row - 1] for cell in row if isinstance(cell, str)]
    for title in [sheet.name, *(titles if layout.is_generic else [])]:
        if not own.ends and (end := _says_end(title, words)):
            raise LayoutError(f"its columns are of {own.name} rows, but “{end}” in “{title}” says an end: {_NAME_IT}")


def _says_end(title: str, words: Words) -> str | None:
    """The word in `title` that says something ended. Accents matter: đóng is no đồng."""
    spoken = re.findall(r"\w+", unicodedata.normalize("NFC", title).casefold())
    return next((word for word in spoken if word in words.ends), None)


def _check_single(sheet: Sheet, layout: Layout, types: list[RowType], headings: Headings) -> None:
    """Refuse a sheet with another table: its rows would be read by the wrong columns, or not at all."""
    for number in _other_headers(sheet, layout, headings):
        header = headings_of(sheet.rows[number - 1])
        if [plain(name) for name in header if name] == [plain(name) for name in layout.header if name]:
            continue
        for row_type in types:
            fit = headings.fit(number, header, row_type, SheetMapping(), is_named=False)
            if fit and (fit[1].columns != layout.columns or row_type.kind != layout.type.kind):
                raise LayoutError(
                    f"rows {layout.header_row} and {number} are both headers, of {layout.type.name} and "
                    f"{row_type.name} rows: put each table on a sheet of its own"
                )


def _other_headers(sheet: Sheet, layout: Layout, headings: Headings) -> Iterator[int]:
    """Rows outside the header that name an id and a date and have something below them."""
    above = range(layout.header_row - _HEADER_HEIGHT, layout.header_row + 1)
    for number, row in enumerate(sheet.rows, 1):
        if number in above or sum(isinstance(cell, str) and not is_blank(cell) for cell in row) < 2:
            continue
        if headings.count_known([cell for cell in row if isinstance(cell, str)]) >= 2:
            yield number

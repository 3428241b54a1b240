"""The body of a DOCX document as its reader sees it once every tracked change is accepted.

Inserted text is read and deleted text is not, nor what was moved away; so are content controls, fields, smart tags,
links and text boxes. A deleted paragraph mark joins two paragraphs, a deleted row is no row.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import BadZipFile

import docx
from docx.oxml.ns import qn

from services.reports.check.claims import UnreadableClaimError

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_PARAGRAPH, _TABLE, _ROW, _CELL = (qn(name) for name in ("w:p", "w:tbl", "w:tr", "w:tc"))
_UNREAD = {
    qn("w:del"),
    qn("w:moveFrom"),
    qn("w:instrText"),
    qn("w:delText"),
    qn("w:rPr"),
    qn("w:pPr"),
    f"{_MC}Fallback",
}
_CHARACTERS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}

Row = list[str]


class Body(NamedTuple):
    """Paragraphs, one a line, and tables; a table stands after so many lines."""

    lines: list[str]
    tables: list[tuple[int, list[Row]]]


def read_body(content: bytes) -> Body:
    """The body of a document.

    Raises:
        UnreadableClaimError: it is no DOCX document.
    """
    try:
        element = docx.Document(BytesIO(content)).element.body
    except (BadZipFile, KeyError, ValueError) as error:
        raise UnreadableClaimError("not a DOCX document; save it as .docx in a word processor") from error
    body = Body([], [])
    joined = ""
    for block in _blocks(element):
        if block.tag == _TABLE:
            body.tables.append((len(body.lines), list(_rows(block))))
            continue
        joined += _text(block)
        if not _ends_deleted(block):
            body.lines.extend(joined.split("\n"))
            joined = ""
    body.lines.extend(joined.split("\n") if joined else ())
    return body


def _blocks(element: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, out of whatever holds them; a table's own are within it."""
    for child in element:
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
        elif child.tag not in _UNREAD:
            yield from _blocks(child)


def _text(element: Any) -> str:
    """All that is read of an element; paragraphs within it (of a text box or a cell) are lines."""
    parts = []
    for child in element:
        if child.tag == qn("w:t"):
            parts.append(child.text or "")
        elif child.tag in _CHARACTERS:
            parts.append(_CHARACTERS[child.tag])
        elif child.tag not in _UNREAD:
            inner = _text(child)
            parts.append(f"\n{inner}\n" if child.tag == _PARAGRAPH and element.tag != _CELL else inner)
    return "".join(parts)


def _ends_deleted(paragraph: Any) -> bool:
    return paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del')}") is not None


def _rows(table: Any) -> Iterator[Row]:
    """The rows of a table as wide as they are; a cell merged downwards repeats what it holds."""
    above: Row = []
    for row in _within(table, _ROW):
        if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
            continue
        cells: Row = []
        for cell in _within(row, _CELL):
            properties = cell.find(qn("w:tcPr"))
            merged = None if properties is None else properties.find(qn("w:vMerge"))
            span = None if properties is None else properties.find(qn("w:gridSpan"))
            text = "\n".join(_text(block) for block in _blocks(cell)).strip()
            if merged is not None and merged.get(qn("w:val")) != "restart" and len(cells) < len(above):
                text = above[len(cells)]
            cells += [text] * (1 if span is None else int(span.get(qn("w:val"), "1")))
        above = cells
        yield cells


def _within(element: Any, tag: str) -> Iterator[Any]:
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag not in _UNREAD and child.tag != _TABLE:
            yield from _within(child, tag)

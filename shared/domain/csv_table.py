"""A CSV text as a table of texts: which delimiter it has, and whether its quotation marks can be trusted. Pure."""

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from shared.domain.errors import InvalidError

DELIMITERS = "\t|;,"
"""Those that texts hold least first."""

_LOOKED_AT = 500
"""Rows by which the delimiter is chosen."""

_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)


class CsvTableError(InvalidError):
    """The text is no table that can be trusted; the message names the row and the remedy."""


def read_table(text: str) -> list[list[str]]:
    """The rows of `text`; row 1 is the first, or the one after a line sep=; that only names the delimiter.

    The delimiter is the one by which most rows have as many fields as each other, then the one with most fields, and
    then the one that texts hold least.

    Raises:
        CsvTableError: a quotation mark is never closed, or it swallows other rows.
    """
    named = _SEPARATOR_LINE.match(text)
    if named:
        text = text[named.end() :]
    delimiter = named[1] if named else max(DELIMITERS, key=lambda each: _agreement(text, each))
    rows = [*_rows(text, delimiter)]
    width = _common_width(rows)
    for number, row in enumerate(rows, 1):
        if width > 1 and any(_swallows_rows(field, delimiter, width) for field in row):
            raise CsvTableError(_remedy(number, "swallows the rows after it"))
    return rows


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(sys.maxsize)  # the text is in memory already; the usual limit hides an open quotation mark
    reader = csv.reader(io.StringIO(text, ""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = "is never closed" if "unexpected end" in str(error) else "stands within a text"
            raise CsvTableError(_remedy(number, reason)) from error
        yield row


def _remedy(number: int, reason: str) -> str:
    return f'row {number}: a quotation mark (") {reason}: delete it, or save the file as .xlsx'


def _agreement(text: str, delimiter: str) -> tuple[int, int]:
    """How many rows have the commonest number of fields above one, and that number."""
    widths: Counter[int] = Counter()
    with suppress(CsvTableError):  # what was read before the mark tells enough
        widths.update(len(row) for row in islice(_rows(text, delimiter), _LOOKED_AT))
    del widths[0], widths[1]
    return max(((rows, width) for width, rows in widths.items()), default=(0, 0))


def _common_width(rows: list[list[str]]) -> int:
    return Counter(map(len, rows)).most_common(1)[0][0] if rows else 0


def _swallows_rows(field: str, delimiter: str, width: int) -> bool:
    """Whether a text of several lines holds what looks like rows of the table."""
    return "\n" in field.replace("\r", "\n") and field.count(delimiter) >= width - 1

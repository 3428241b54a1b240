"""Cells as people type them: text in one form, and words compared without accents. Pure."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from shared.domain.identifiers import one_form


@dataclass(frozen=True)
class Fault:
    """A cell without a value that can be trusted, and what stands in it.

    `error`: a formula failed (“#N/A”). `uncalculated`: a formula that the program which wrote the file never
    calculated. `month`: a month that was typed, which Excel keeps as its first day.
    """

    kind: Literal["error", "uncalculated", "month"]
    shown: str


Cell = str | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | Fault
"""A cell's value; an empty cell is ""."""

_EXACT_UP_TO = 10**15

_QUOTES_IN_FRONT = re.compile("^['’‘`´]+(?=\\S)")
_ERRORS = re.compile(
    r"#(?:n/a|ref!|value!|div/0!|name\?|null!|num!|spill!|calc!|getting_data|#+)|err:\d+", re.IGNORECASE
)


class InexactNumberError(ValueError):
    """Excel keeps fifteen digits of a number; the digits after them are lost."""


def text(cell: Cell) -> str:
    """The cell as text: NFC, single spaces, no invisible characters, whole numbers without a decimal point.

    An apostrophe in front, by which people and Excel mark text, is dropped.

    Raises:
        InexactNumberError: a number too long for Excel to hold it exactly.
    """
    if isinstance(cell, str):
        return _QUOTES_IN_FRONT.sub("", visible(cell))
    if isinstance(cell, Fault):
        return cell.shown
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        if not abs(cell) < _EXACT_UP_TO:
            raise InexactNumberError(f"{cell:.0f}")
        return str(int(cell)) if cell == int(cell) else str(cell)
    if isinstance(cell, dt.datetime):
        return cell.strftime("%d/%m/%Y %H:%M:%S").removesuffix(" 00:00:00")
    return cell.strftime("%d/%m/%Y") if isinstance(cell, dt.date) else str(cell)


@lru_cache(maxsize=8192)
def visible(typed: str) -> str:
    """`typed` in NFC, with single spaces and nothing that shows nothing."""
    typed = one_form(typed)
    if not typed.isprintable():  # formats and controls are left, which other systems may use
        typed = "".join(each for each in typed if each.isspace() or unicodedata.category(each) not in ("Cf", "Cc"))
    return " ".join(typed.split())


def is_error(cell: Cell) -> bool:
    """Whether the cell shows that a formula failed or a column is too narrow: #N/A, Err:502, ########."""
    if isinstance(cell, Fault):
        return cell.kind == "error"
    return isinstance(cell, str) and _ERRORS.fullmatch(text(cell)) is not None


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing to be seen in the cell."""
    return isinstance(cell, str) and not text(cell)


@lru_cache(maxsize=8192)
def plain(words: str) -> str:
    """`words` in lower case, without accents, and with single spaces for everything but letters and digits."""
    unaccented = "".join(
        character for character in unicodedata.normalize("NFD", words) if not unicodedata.combining(character)
    )
    return " ".join(re.findall(r"[^\W_]+", unaccented.casefold().replace("đ", "d")))


def word_of(typed: str) -> str:
    """The form by which the word of a value is known: plain, but a symbol (✓, ?, -) stays what it is."""
    form = plain(typed)
    has_symbols = any(each == "?" or unicodedata.category(each)[0] in "SC" for each in typed)
    return typed.casefold() if has_symbols or not form else form


def column_letter(index: int) -> str:
    """The name of the column `index`, counted from 0, as spreadsheets write it: A, B, ... Z, AA."""
    name = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name

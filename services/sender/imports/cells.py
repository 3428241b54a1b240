"""What is in a cell, as people type it: text in one form, numbers as text, words compared without their accents."""

import datetime as dt
import re
import unicodedata
from functools import lru_cache

Cell = str | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta
"""A cell's value; an empty cell is ""."""

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_EXACT_UP_TO = 10**15


class InexactNumberError(ValueError):
    """Excel keeps fifteen digits of a number; the digits after them are lost."""


def text(cell: Cell) -> str:
    """The cell as text: NFC, single spaces, no invisible characters, whole numbers without a decimal point.

    An apostrophe in front, by which people and Excel mark text, is dropped.

    Raises:
        InexactNumberError: a number too long for Excel to have kept it.
    """
    if isinstance(cell, str):
        return " ".join(unicodedata.normalize("NFC", cell).translate(_INVISIBLE).split()).removeprefix("'")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        if abs(cell) >= _EXACT_UP_TO:
            raise InexactNumberError(f"{cell:.0f}")
        return str(int(cell)) if cell == int(cell) else str(cell)
    if isinstance(cell, dt.datetime):
        return cell.strftime("%d/%m/%Y %H:%M:%S").removesuffix(" 00:00:00")
    return cell.strftime("%d/%m/%Y") if isinstance(cell, dt.date) else str(cell)


@lru_cache(maxsize=8192)
def plain(words: str) -> str:
    """`words` in lower case, without accents, and with single spaces for everything but letters and digits."""
    unaccented = "".join(letter for letter in unicodedata.normalize("NFD", words) if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", unaccented.casefold().replace("đ", "d")))


def column_letter(index: int) -> str:
    """The name of the column `index`, counted from 0, as spreadsheets write it: A, B, ... Z, AA."""
    name = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name

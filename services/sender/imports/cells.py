"""Cells as people type them: text in one form, words compared without accents, dates as RFC 3339 in Vietnam."""

import datetime as dt
import re
import unicodedata
from functools import lru_cache

from shared.domain.clock import LOCAL

Cell = str | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta
"""A cell's value; an empty cell is ""."""

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_EXACT_UP_TO = 10**15

_SERIALS = range(36_526, 73_051)
"""Days of the years 2000 to 2099 as Excel counts them from 30 December 1899; other numbers are no dates."""
_EPOCH = dt.datetime(1899, 12, 30, tzinfo=LOCAL)
_DAYS_TO_1904 = 1462

_DAY_FIRST = (
    r"(?:ngay\s+)?(?P<d>\d{1,2})(?:\s*[/.-]\s*|\s+thang\s+)"
    r"(?P<m>\d{1,2})(?:\s*[/.-]\s*|\s+nam\s+)(?P<y>\d{4}|\d\d)"
)
_YEAR_FIRST = r"(?P<y>\d{4})[/.-](?P<m>\d{1,2})[/.-](?P<d>\d{1,2})"
_CLOCK = r"(?P<hour>\d{1,2})(?::|h|g)(?P<minute>\d\d)?(?::(?P<second>\d\d)(?:\.\d+)?)?(?:\s*(?P<half>am|pm|sa|ch))?"
_FORMS = [
    re.compile(form)
    for date in (_DAY_FIRST, _YEAR_FIRST)
    for form in (date, rf"{date}[\s,t]+{_CLOCK}", rf"{_CLOCK}[\s,]+{date}")
]


class InexactNumberError(ValueError):
    """Excel keeps fifteen digits of a number; the digits after them are lost."""


def text(cell: Cell) -> str:
    """The cell as text: NFC, single spaces, no invisible characters, whole numbers without a decimal point.

    An apostrophe in front, by which people and Excel mark text, is dropped.

    Raises:
        InexactNumberError: a number too long for Excel to hold it exactly.
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
    unaccented = "".join(
        character for character in unicodedata.normalize("NFD", words) if not unicodedata.combining(character)
    )
    return " ".join(re.findall(r"[^\W_]+", unaccented.casefold().replace("đ", "d")))


def column_letter(index: int) -> str:
    """The name of the column `index`, counted from 0, as spreadsheets write it: A, B, ... Z, AA."""
    name = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


class NotADateError(ValueError):
    """The cell does not hold a date we can be sure of."""


def moment(cell: Cell, *, since_1904: bool = False) -> str:
    """RFC 3339 of a date cell, an Excel serial number or typed text; a day without a clock is its first moment.

    In typed dates the day comes before the month. `since_1904` is the workbook's date system, for serial numbers.

    Raises:
        NotADateError: none of these, or a day that does not exist.
    """
    if isinstance(cell, dt.datetime):
        return _local(cell)
    if isinstance(cell, dt.date):
        return _local(dt.datetime.combine(cell, dt.time()))
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _from_serial(cell + (_DAYS_TO_1904 if since_1904 else 0))
    if isinstance(cell, str):
        return _from_text(text(cell))
    raise NotADateError


@lru_cache(maxsize=4096)
def _from_text(typed: str) -> str:
    if re.fullmatch(r"\d{5}(\.\d+)?", typed):
        return _from_serial(float(typed))
    try:
        stated = dt.datetime.fromisoformat(typed)
    except ValueError:
        return _from_parts(typed)
    return _local(stated) if stated.tzinfo is None else stated.isoformat()


def _from_parts(typed: str) -> str:
    spelled = re.sub(r"[^\W\d_]+", lambda word: plain(word.group()), typed)
    for form in _FORMS:
        if match := form.fullmatch(spelled):
            try:
                return _local(_assembled(match.groupdict()))
            except ValueError as error:
                raise NotADateError from error
    raise NotADateError


def _assembled(parts: dict[str, str | None]) -> dt.datetime:
    year = int(parts["y"] or 0)
    hour = int(parts.get("hour") or 0)
    half = parts.get("half")
    if half and not 1 <= hour <= 12:
        raise ValueError("no such hour")
    if half:
        hour = hour % 12 + (12 if half in ("pm", "ch") else 0)
    return dt.datetime(
        year if year >= 100 else 2000 + year,
        int(parts["m"] or 0),
        int(parts["d"] or 0),
        hour,
        int(parts.get("minute") or 0),
        int(parts.get("second") or 0),
        tzinfo=LOCAL,
    )


def _from_serial(serial: float) -> str:
    if int(serial) not in _SERIALS:
        raise NotADateError
    return _local(_EPOCH + dt.timedelta(seconds=round(serial * 86_400)))


def _local(when: dt.datetime) -> str:
    return when.replace(tzinfo=LOCAL, microsecond=0).isoformat()

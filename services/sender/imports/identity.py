"""The id of what a row counts: which cells can be one, and which only look like it. Pure.

An id is refused where it may not be what the clerk means: rounded or shortened by Excel, a placeholder, an error.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

from services.sender.imports.cells import Cell, Fault, InexactNumberError, is_blank, is_error, plain, text, visible
from services.sender.imports.complaints import ComplaintError, complaint

_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?e[+-]?\d+", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+[.,]\d+")
_GROUPED = re.compile(r"\d{1,4}([ .]\d{2,6})+")
_DAY = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](19|20)\d\d")
_ONE_DIGIT_REPEATED = re.compile(r"0+|(\d)\1{5,}")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-")
_ADDRESS = re.compile(r"(https?://)?([\w-]+\.)+[a-z]{2,24}(:\d+)?([/?#]\S*)?", re.IGNORECASE)
_TRACKING = re.compile(r"fbclid|gclid|zarsrc|mibextid|rdid|share_url|utm_.*|__.*")

_SHORTENED = (9, 11)
"""Digits of a telephone or citizen number (10, 12) that has lost its zero in front."""


class SubjectReader:
    """Reads the ids of one column; `column` are all its cells, which tell whether zeros in front were lost.

    `is_address` is for kinds that are named by a web address, others are named by a number or code. In a CSV file
    (`is_typed`) every cell is text, also what Excel took for a number; an apostrophe in front marks what is not one.
    """

    def __init__(self, column: Iterable[Cell], *, is_address: bool, is_typed: bool) -> None:
        self._is_address = is_address
        self._is_typed = is_typed
        self._with_zero = set() if is_address else {len(shown) for shown in map(_digits, column) if shown[:1] == "0"}

    def read(self, cell: Cell) -> str:
        """The id in `cell`.

        Raises:
            ComplaintError: it is none, or not the one that was written.
        """
        if is_blank(cell):
            raise ComplaintError(complaint("empty"))
        shown = shown_of(cell)
        if is_error(cell) or isinstance(cell, Fault) or shown.startswith("="):
            raise ComplaintError(complaint("no_value", text=shown))
        return self._address(shown) if self._is_address else self._code(cell, shown)

    def _address(self, shown: str) -> str:
        if not _ADDRESS.fullmatch(shown) or shown.casefold().count("http") > 1:
            raise ComplaintError(complaint("not_an_address", text=shown))
        return shown

    def _code(self, cell: Cell, shown: str) -> str:
        shown = shown.translate(_DASHES).rstrip(".,; ")
        is_number = isinstance(cell, float | int) and not isinstance(cell, bool)
        if _SCIENTIFIC.fullmatch(shown) or (is_number and not shown.isdigit()) or _DECIMAL.fullmatch(shown):
            raise ComplaintError(complaint("inexact_number", number=shown))
        if not isinstance(cell, str | float | int) or isinstance(cell, bool) or _DAY.fullmatch(shown):
            raise ComplaintError(complaint("not_an_id", text=shown))
        if _GROUPED.fullmatch(shown):
            shown = re.sub(r"[ .]", "", shown)
        if "?" in shown or not any(each.isdigit() for each in shown) or _ONE_DIGIT_REPEATED.fullmatch(shown):
            raise ComplaintError(complaint("not_an_id", text=shown))
        if shown.isdigit() and self._has_lost_zero(shown, cell):
            raise ComplaintError(complaint("lost_zero", text=shown, is_doubt=True))
        return shown

    def _has_lost_zero(self, digits: str, cell: Cell) -> bool:
        if digits.startswith("0"):
            return False
        if isinstance(cell, str):
            is_marked = visible(cell) != text(cell)
            return (
                self._is_typed and not is_marked and (len(digits) in _SHORTENED or len(digits) + 1 in self._with_zero)
            )
        return len(digits) in _SHORTENED or any(len(digits) < length for length in self._with_zero)


def shown_of(cell: Cell) -> str:
    """The cell as text.

    Raises:
        ComplaintError: a number that Excel has rounded.
    """
    try:
        return text(cell)
    except InexactNumberError as error:
        raise ComplaintError(complaint("inexact_number", number=error, is_doubt=True)) from error


def likeness(subject: str) -> str:
    """The same for ids that differ only in case, spaces and punctuation, or as addresses of one page may differ."""
    if not _ADDRESS.fullmatch(subject):
        return re.sub(r"(?<!\d) | (?!\d)", "", plain(subject))  # 1-12 is no 11-2
    address = urlsplit(subject if "://" in subject else f"//{subject}")
    parameters = sorted(
        pair for pair in parse_qsl(address.query, keep_blank_values=True) if not _TRACKING.fullmatch(pair[0])
    )
    host = address.netloc.casefold().removeprefix("www.").removeprefix("m.")
    fragment = address.fragment if address.fragment.startswith(("!", "/")) else ""
    return f"{host}{address.path.rstrip('/')}?{urlencode(parameters)}#{fragment}"


def _digits(cell: Cell) -> str:
    """The text of a cell of digits alone."""
    shown = text(cell) if isinstance(cell, str) else ""
    return shown if shown.isdigit() else ""

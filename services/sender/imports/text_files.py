"""A CSV file as a sheet: its encoding, and its rows."""

import re
import unicodedata
from pathlib import Path

from services.sender.imports.cells import Cell
from services.sender.imports.sheets import Sheet, UnreadableError
from shared.domain.csv_table import CsvTableError, read_table

_BYTE_ORDERS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_SAVE_AS = "save it as “CSV UTF-8” or as .xlsx"
_VIETNAMESE = frozenset("ăâđêôơưàảãáạầấậềếệồốộờớợừứựìỉĩíịòỏõóọùủũúụỳýỵ")
"""Letters by which a text that was decoded rightly is known."""


def read_text_file(name: str, content: bytes) -> Sheet:
    """The one sheet of a CSV file, by the file's name.

    Raises:
        UnreadableError: an unknown encoding, or rows that cannot be told apart.
    """
    try:
        rows: list[list[Cell]] = [list(row) for row in read_table(_decoded(name, content))]
    except CsvTableError as error:
        raise UnreadableError(f"{name}: {error}") from error
    return Sheet(Path(name).stem, rows, is_typed=True)


def _decoded(name: str, content: bytes) -> str:
    order = next((order for order in _BYTE_ORDERS if content.startswith(order)), b"")
    encoding = _BYTE_ORDERS.get(order) or _utf_16_by_its_zeros(content) or "utf-8"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise UnreadableError(f"{name} is not readable as {encoding}: {_SAVE_AS}") from error
    return _of_windows(name, content)


def _utf_16_by_its_zeros(content: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of its digits, commas and line ends is zero."""
    beginning = content[:4096]
    even, odd = beginning[::2].count(0), beginning[1::2].count(0)
    if max(even, odd) * 5 < len(beginning):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _of_windows(name: str, content: bytes) -> str:
    """Text of windows-1258, the Vietnamese code of Windows, which has marks of their own for tones."""
    try:
        decoded = unicodedata.normalize("NFC", content.decode("cp1258"))
    except UnicodeDecodeError:
        decoded = ""
    odd = sum(not each.isascii() for each in decoded)
    if old := old_font(content.decode("latin-1")):
        raise UnreadableError(f"{name} {old}")
    is_lossy = re.search(r"[^\W\d_]\?[^\W\d_]", decoded) is not None
    if not odd or is_lossy or sum(each in _VIETNAMESE for each in decoded.casefold()) * 10 < odd * 9:
        raise UnreadableError(f"{name} is not readable: {_SAVE_AS}")
    return decoded


_OLD_FONTS = {
    "TCVN3 (.VnTime)": ("ngµy", "tµi kho¶n", "®¬n vÞ", "§¬n vÞ", "hå s¬", "hé gia", "§¦êng", "sè ", "m· "),
    "VNI (VNI-Times)": ("ngaøy", "taøi khoaûn", "ñôn vò", "hoà sô", "hoä gia", "ñöôøng", "soá ", "maõ "),
}


def old_font(shown: str) -> str | None:
    """What to do with a text whose letters are those of a Vietnamese font from before Unicode; None for others."""
    lower = shown.casefold()
    for font, words in _OLD_FONTS.items():
        if sum(word.casefold() in lower for word in words) >= 2:
            return f"is written in an old font code, {font}: convert it to Unicode first, with Unikey or in Excel"
    return None

"""Identifiers that other systems give: one form of each, however it was typed. Pure.

Of Unicode: normalisation forms (UAX 15) and characters that are ignorable by default (UAX 44), which show nothing.
"""

import re
import unicodedata

_PLANES = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))

_no_text = re.compile(rf"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_PLANES}]").search
"""What a CloudEvents string may not hold (core specification, section 3.2): controls, surrogates, noncharacters."""

_without_invisible = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
).sub


def one_form(identifier: str) -> str:
    """`identifier` in NFC, without characters that show nothing and without space around it; otherwise as it is.

    Two spellings that look the same, as keyboards, spreadsheets and web pages produce them, are one identifier.
    """
    if identifier.isascii():
        return identifier.strip()
    return unicodedata.normalize("NFC", _without_invisible("", identifier)).strip()


def forbidden_character(text: str) -> str | None:
    """The first control character, lone surrogate or noncharacter of `text` as U+XXXX; None without one."""
    if text.isprintable():
        return None
    found = _no_text(text)
    return f"U+{ord(found[0]):04X}" if found else None

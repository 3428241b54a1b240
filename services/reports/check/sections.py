"""Which target a place in running text is about, by the headings before it. Pure.

A heading names a target with its number: "Chỉ tiêu 2:", "CHỈ TIÊU SỐ 2 -", "Mục tiêu 2.", "Target 2 “…”",
"2. Chỉ tiêu “…”". At the start of a line anything may follow it but what is counted ("chỉ tiêu 10 hồ sơ"); within a
line a colon, a quotation mark, at the start of a sentence a dash, or words that go on about it ("chỉ tiêu 2 đạt"). A
line that begins a chapter, or is headed like a target by a word that is not known ("Nội dung 2:"), ends the target
before it.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_TARGET: Final = r"(?:chỉ\s+tiêu|mục\s+tiêu|tiêu\s+chí|target|goal|objective|indicator)"
_NUMBER: Final = (
    r"(?:thứ\s+(nhất|hai|ba|tư|bốn|năm|sáu|bảy|tám)"
    r"|(?:thứ\s+|số\s+|no\.?\s*|number\s+|[#(]\s*)?(\d{1,2}(?![.,]?\d|\s*%)|(?-i:[IVX]{1,4})\b))"
)
_ITEM: Final = r"[ \t>*•▪●+\-–—]*(?:\(?(?:\d{1,2}(?:\.\d{1,2})*|[a-zđ]|[IVX]{1,4})[.)\]]?[ \t]+|\d{1,2}[.)])?[*_]{0,2}"

_COUNTED: Final = (
    r"(?!\s*(?:%|tin\b|bài|hồ\s+sơ|tài\s+khoản|hộ\b|người|đoàn\s+viên|articles|dossiers|accounts|households|people))"
)
_TURNS: Final = r"(?=\s*[,:(]|\s+(?:đã|đạt|hiện|có|thực\s+hiện|mới|reach|achiev|has|have|is|was|stands)\b)"

_HEADING: Final = re.compile(
    rf"""(?im)
    ^{_ITEM}(?:kết\ quả\ (?:thực\ hiện\ )?|về\ |đối\ với\ |on\ |for\ )?{_TARGET}\s*{_NUMBER}\b{_COUNTED}
    | (?<!\w){_TARGET}\s+{_NUMBER}\)?\s*(?=[“"«”:])
    | (?<=[.!?…]\s){_TARGET}\s+{_NUMBER}\s*(?=[.\-–—(])
    | (?<!\w){_TARGET}\s+{_NUMBER}\b{_TURNS}
    """,
    re.VERBOSE,
)
_ITEM_NUMBER: Final = re.compile(rf"(?im)^[ \t>*•+\-–—]*(\d{{1,2}})[.)]\s*[*_]{{0,2}}{_TARGET}\s*[:“\"«]")
_END: Final = re.compile(
    r"(?m)^[ \t]*(?:[IVX]{1,4}[.)/]\s|Phần\s+\w+\b|PHẦN\s+\w+\b)"
    r"|^[ \t>*•+\-–—]*[^\W\d_]+(?:[ \t]+[^\W\d_]+){0,3}[ \t]+\d{1,2}[ \t]*[:“\"«]"
)
_WORDS: Final = {"nhất": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8}
_ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")


class Section(NamedTuple):
    """Text from `start` to `end` about one target; None: about none that is named. `headed`: by a line of its own."""

    target: int | None
    start: int
    end: int
    headed: bool


def sections(text: str) -> Iterator[Section]:
    """The whole of `text` (NFC), cut at its headings; the heading itself belongs to no section."""
    cuts: dict[int, tuple[int | None, int]] = {end.start(): (None, end.start()) for end in _END.finditer(text)}
    cuts |= {item.start(): (int(item[1]), item.end()) for item in _ITEM_NUMBER.finditer(text)}
    for heading in _HEADING.finditer(text):
        named = next(group for group in heading.groups() if group is not None)
        cuts[heading.start()] = _number(named), heading.end()
    target, start, headed = None, 0, False
    for at, (named_target, end) in sorted(cuts.items()):
        yield Section(target, start, max(start, at), headed)
        target, start = named_target, end
        headed = not text[text.rfind("\n", 0, at) + 1 : at].strip()
    yield Section(target, start, len(text), headed)


def _number(named: str) -> int:
    plain = named.casefold()
    if plain.isdigit():
        return int(plain)
    return _WORDS[plain] if plain in _WORDS else _ROMAN.index(plain) + 1


def place(text: str, position: int) -> str:
    """The line of a position, as the report names it."""
    return f"line {text.count(chr(10), 0, position) + 1}"

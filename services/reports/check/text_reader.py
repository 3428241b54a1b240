"""Figures in running text, as far as a pattern can tell: "40,676/66,000 accounts …, reaching 62.6 %". Pure.

Two patterns are understood, in English and Vietnamese and with either thousands separator: a pair of numbers that
its percentage follows, and "7/20 units exceeding 100 %". Everything belongs to the target last named as a
heading ("Target 2 …", "Chỉ tiêu 2 …"); text before the first heading is passed over.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator

from services.reports.check.claims import COUNT, PERCENT, Claim, parse_count, parse_percent

_HEADING = re.compile(r"(?:Target|Chỉ tiêu)\s+(\d+)\s*[“\"«:]")
_PAIR = re.compile(rf"(?<![\d/.,])({COUNT})\s*/\s*({COUNT})(?![\d/]|[.,]\d)")
_UNITS = re.compile(r"(?<![\d/.,])(\d+)\s*(?:/|of)\s*(\d+)\s+(?:units|đơn vị)")
_PERCENT = re.compile(rf"({PERCENT})\s*%")
_OVER = re.compile(r"(?:over|exceed\w*|above|vượt|trên)\s[^%]*?100\s*%")
_SHARE = re.compile(rf"(?:hold|make up|chiếm)\s+({PERCENT})\s*%")
_SENTENCE_END = re.compile(r"[.;](?:\s|$)")
_REACH = 300
"""How many characters after a pair its percentage is looked for."""


def claims_from_text(text: str, ratio_targets: Collection[int]) -> list[Claim]:
    """The claims that can be recognised; none is not an error, since text promises nothing."""
    plain = unicodedata.normalize("NFC", text.replace("\u00a0", " "))
    headings = list(_HEADING.finditer(plain))
    ends = [*(heading.start() for heading in headings), len(plain)][1:]
    return [
        claim
        for heading, end in zip(headings, ends, strict=True)
        for claim in _section(plain, heading.end(), end, int(heading[1]), ratio_targets)
    ]


def _section(text: str, start: int, end: int, target: int, ratio_targets: Collection[int]) -> Iterator[Claim]:
    units = list(_UNITS.finditer(text, start, end))
    of_units = {match.start() for match in units}
    pairs = [pair for pair in _PAIR.finditer(text, start, end) if pair.start() not in of_units]
    stops = [*sorted(match.start() for match in [*units, *pairs]), end]
    for pair in pairs:
        stop = next(at for at in stops if at > pair.start())
        printed = _PERCENT.search(text, pair.end(), min(stop, pair.end() + _REACH))
        if printed is not None:
            yield Claim(
                where=_line(text, pair.start()),
                target=target,
                achieved=parse_count(pair[1]),
                goal=parse_count(pair[2]),
                is_part=target in ratio_targets,
                percent=parse_percent(printed[1]),
            )
    for match in units:
        sentence = _rest_of_sentence(text, match.end(), end)
        if _OVER.search(sentence):
            share = _SHARE.search(sentence)
            yield Claim(
                where=_line(text, match.start()),
                target=target,
                units_total=int(match[2]),
                units_over=int(match[1]),
                share=parse_percent(share[1]) if share else None,
            )


def _rest_of_sentence(text: str, start: int, end: int) -> str:
    stop = _SENTENCE_END.search(text, start, end)
    following = _UNITS.search(text, start, end)
    return text[start : min(at.start() if at else end for at in (stop, following))]


def _line(text: str, position: int) -> str:
    return f"line {text.count(chr(10), 0, position) + 1}"

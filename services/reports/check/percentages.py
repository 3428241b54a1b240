"""Percentages in running text and what each says: an attainment, a growth, a goal. Pure.

The words right before a percentage decide, then those after it: "đạt 61,6%" and "reaching 61.6 %" are the attainment,
"đạt trên 61%" bounds it, "vượt 3,7% chỉ tiêu" says what it has over 100 %. "Tăng 45,7%" is a growth, "chỉ tiêu 40%" a
goal, "còn 38,4%" a rest: none of these follows from the two numbers beside it.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from services.reports.check.claims import Relation

PERCENT: Final = r"(?<![\d.,/])(\d+(?:[.,\u00a0]\d+)*)\s*(?:%|phần trăm|per ?cent(?!age)|pct\b)"
SENTENCE_END: Final = re.compile(r"[.!?;…](?=\s+[^\sa-zà-ỹđ]|\s*$)|\.(?=[A-ZÀ-ỸĐ])|\n")

_ATTAINED: Final = (
    r"đạt|tỷ lệ|tỉ lệ|chiếm|bằng|tương (?:ứng|đương)|hoàn thành|reach\w*|achiev\w*|attain\w*|rate|equal\w*|equivalent|"
    r"represent\w*|account\w* for|complet\w*|or|is|="
)
_OTHER: Final = (
    r"tăng|giảm|up|down|increas\w*|decreas\w*|gr[eo]w\w*|rose|rise\w*|fell|fall\w*|drop\w*|thêm|cao hơn|thấp hơn|"
    r"higher|lower|so với|compared|than|từ|from|còn|thiếu|remain\w*|short|trước|cùng kỳ|last|previous"
)
_GOAL: Final = r"chỉ tiêu|mục tiêu|kế hoạch|kh|goal|target|plan"
_OVER: Final = r"trên|hơn|over|above|more than|at least|ít nhất|tối thiểu|không dưới"
_UNDER: Final = r"dưới|chưa đến|chưa tới|không quá|nhiều nhất|tối đa|below|under|less than|at most|up to"
_ROUGH: Final = r"gần|khoảng|xấp xỉ|about|around|nearly|almost|some|approximately|≈|~"
_EXCEEDS: Final = r"vượt|exceed\w*|beat\w*|surpass\w*"

_LEAD: Final = re.compile(
    rf"(?i)(?<!\w)(?:(?P<exceeds>{_EXCEEDS})|(?P<attained>{_ATTAINED})|(?P<over>{_OVER})|(?P<under>{_UNDER})|"
    rf"(?P<rough>{_ROUGH})|(?P<other>{_OTHER})|(?P<goal>{_GOAL})|(?P<sign>[+−±]))(?!\w)"
)
_CLAUSE_START: Final = re.compile(r"[,;:()\[\].!?…](?=\D|$)|\n|(?<!\w)(?:và|and)(?!\w)")
_THE_GOAL: Final = r"(?:chỉ tiêu|kế hoạch|mục tiêu|kh\b|(?:the |its |their )?(?:set |assigned )?(?:target|goal|plan))"
_OF_GOAL: Final = re.compile(rf"(?i)\s*(?:so với\s+|of\s+|against\s+)?{_THE_GOAL}")
_OVER_GOAL: Final = re.compile(rf"(?i)\s*(?:over|above|more than|beyond)\s+{_THE_GOAL}")
_COMPARED: Final = re.compile(
    rf"(?i)\s*(?:(?:so với|so|compared|against|as against|than|của)\s+(?!{_THE_GOAL})|cùng kỳ|(?:tháng|năm|quý) trước)"
)


class Percentage(NamedTuple):
    """One percentage: its place, its number as printed, and what it says.

    `relation` is how it speaks of the attainment, None where it speaks of something else; `certain` whether words say
    that it speaks of it at all.
    """

    start: int
    end: int
    number: str
    relation: Relation | None
    certain: bool


def percentages(text: str, start: int, end: int) -> Iterator[Percentage]:
    """Every percentage of `text` (NFC) from `start` to `end`, in order."""
    for match in re.finditer(PERCENT, text[:end]):
        if match.start() >= start:
            yield Percentage(match.start(), match.end(), match[1], *_meaning(text, start, match))


def _meaning(text: str, start: int, match: re.Match[str]) -> tuple[Relation | None, bool]:
    clause = max((one.end() for one in _CLAUSE_START.finditer(text, start, match.start())), default=start)
    after = text[match.end() : match.end() + 40]
    said = [one.lastgroup for one in _LEAD.finditer(text, clause, match.start())]
    if _OVER_GOAL.match(after):
        return "exceeds", True
    if "exceeds" in said and not {"other", "sign"} & set(said[said.index("exceeds") :]):
        return "exceeds", True
    attained = "attained" in said
    last = said[-1] if said else None
    if last in ("other", "goal", "sign", "rough") or _COMPARED.match(after):
        return None, False
    if "other" in said and (not attained or "other" in said[said.index("attained") :]):
        return None, False
    certain = attained or bool(_OF_GOAL.match(after))
    return ("over" if last == "over" else "under" if last == "under" else "is"), certain

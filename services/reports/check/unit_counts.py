"""Numbers of units in running text: "07/20 đơn vị vượt 100% chỉ tiêu", "02 units …: A, B". Pure.

Where no total stands beside the number, it is that of the catalogue. Units that have not exceeded, and units that grew
by so much, are no units over 100 %. The names after a colon or in brackets are counted, unless they are examples.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from services.reports.check.claims import Claim, parse_percent
from services.reports.check.facts import ProjectFacts
from services.reports.check.percentages import PERCENT, SENTENCE_END
from services.reports.check.sections import Section, place

_UNIT: Final = r"(?:units?|đơn vị)\b"
_TOTAL: Final = r"(?:/|out of|of|trên(?: tổng)?(?: số)?|trong(?: tổng)?(?: số)?)"
_UNITS: Final = re.compile(
    rf"(?i)(?<![\d/.,])(\d{{1,3}})\s*(?:(?:{_UNIT}\s*)?{_TOTAL}\s*(?:the\s+)?(\d{{1,3}})\s+)?(?:[^\W\d_]+\s+)??{_UNIT}"
)
_OVER: Final = re.compile(
    r"(?i)(?:over|exceed\w*|above|more than|vượt|trên|hơn)\s[^%]*?(?<!\d)(100)\s*(?:%|phần trăm|per ?cent)"
    r"|hoàn thành vượt|vượt (?:mức )?(?:chỉ tiêu|kế hoạch|mục tiêu|KH\b)"
    r"|exceed\w*\s+(?:the|their|its)?\s*(?:set |assigned )?(?:target|goal|plan)"
)
_NOT_OVER: Final = re.compile(
    r"(?i)(?<!\w)(?:chưa|không|dưới|not|never|no|without|below|under|yet|tăng|giảm|up|down|increas\w*|decreas\w*|gr[eo]w\w*|rose|fell)(?!\w)"
)
_SHARE: Final = re.compile(rf"(?i)(?:hold|make up|account for|chiếm)\s+{PERCENT}")
_NAMES: Final = re.compile(r"[^.:;(\n]*?(?:\(([^)\n]*)\)|:([^\n]*))")
_NAMES_END: Final = re.compile(r"\.(?=\s|$)|[;,]?\s*(?:trong khi|ngoài ra|in addition|while)\b", re.IGNORECASE)
_EXAMPLES: Final = re.compile(
    r"(?i)(?:như|gồm có một số|trong đó|điển hình|tiêu biểu|nổi bật|such as|e\.g|including|for example|"
    r"among them|notably)(?!\w)|…|\.\.\.|v\.v|\betc"
)
_BETWEEN_NAMES: Final = re.compile(r"[;,]|(?<!\w)(?:và|and|cùng|&)(?!\w)", re.IGNORECASE)
_UNION: Final = re.compile(r"(?i)đoàn|union|delegation")


class UnitCount(NamedTuple):
    """A number of units in the text: where it stands, what it claims if anything, and where its percentages start."""

    start: int
    end: int
    claim: Claim | None
    percentages: tuple[int, ...]


def unit_claims(text: str, section: Section, facts: ProjectFacts) -> Iterator[UnitCount]:
    """Every number of units in the section, with what of it can be checked."""
    matches = list(_UNITS.finditer(text, section.start, section.end))
    stops = [*(match.start() for match in matches[1:]), section.end]
    for match, stop in zip(matches, stops, strict=bool(matches)):
        count, total = int(match[1]), int(match[2] or facts.most_units)
        sentence_end = SENTENCE_END.search(text, match.end(), stop)
        sentence = text[match.end() : sentence_end.start() if sentence_end else stop]
        over = _OVER.search(sentence)
        if over and _NOT_OVER.search(sentence[: over.end()]):
            over = None
        share = _SHARE.search(sentence) if over else None
        names = _named(text[match.end() : stop], facts)
        claim = Claim(
            where=place(text, match.start()),
            target=section.target,
            units_total=total if over else None,
            units_over=count if over else None,
            share=parse_percent(share[1]) if share else None,
            units_claimed=count if names else None,
            named=names,
        )
        used = [match.end() + one.start(1) for one in (over, share) if one and one[1]]
        yield UnitCount(match.start(), match.end(), claim if over or names else None, tuple(used))


def _named(text: str, facts: ProjectFacts) -> tuple[int, int] | None:
    """The fewest and the most units that `text`, which follows a number of units, names; None: it gives no list."""
    listed = _NAMES.match(text)
    if listed is None or _EXAMPLES.search(listed[0].partition(":")[0]) or not _UNION.search(listed[0]):
        return None
    names = listed[1] or listed[2] or ""
    end = _NAMES_END.search(names)
    names = names[: end.start()] if end else names
    if _EXAMPLES.search(names) or re.search(r"\d+\s*/\s*\d+", names):
        return None
    most = sum(bool(re.search(r"[^\W\d_]{2}", name)) for name in _BETWEEN_NAMES.split(re.sub(r"\([^)]*\)", "", names)))
    parts = [part for part in names.split(";") if _UNION.search(part)]
    fewest = max(facts.units_named(names), len(parts) if len(parts) > 1 else 0)
    return (fewest, max(most, fewest)) if most else None

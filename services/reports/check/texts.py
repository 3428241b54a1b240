"""Reads the claims of running text, in English and Vietnamese and with any thousands separator. Pure.

Two patterns are recognised: a pair of numbers with its percentage after it ("40,676/66,000 accounts …, reaching
62.6 %", "40.676 tài khoản trên tổng số 66.000, đạt 61,6%") or before it ("61.6 % (40,676/66,000)"), and numbers of
units (`unit_counts`). A pair that may be a date, a month or a fraction of places, and a percentage that may speak of
something else, claim something only where they agree; otherwise the percentage is not checked, and is said to be so.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from services.reports.check.claims import COUNT, Claim, Discrepancy, parse_count, parse_percent
from services.reports.check.facts import ProjectFacts
from services.reports.check.percentages import SENTENCE_END, Percentage, percentages
from services.reports.check.sections import Section, place, sections
from services.reports.check.unit_counts import unit_claims

_WORDS: Final = r"(?:\s+[^\W\d_]+){0,5}?\s*"
_CONNECTED: Final = (
    r"/|⁄|\bof\b(?:\s+a)?(?:\s+the)?(?:\s+total)?(?:\s+of)?|\bout\s+of\b(?:\s+a)?(?:\s+the)?(?:\s+total)?(?:\s+of)?|"
    r"\btrên(?:\s+tổng)?(?:\s+số)?\b|\btrong(?:\s+tổng(?:\s+số)?|\s+số)\b|"
    r"\((?:\s*so với)?\s*(?:chỉ tiêu|kế hoạch|KH|mục tiêu|goal|target|plan)(?:\s+(?:giao|là|of|is))*\s*:?"
)
_PAIR: Final = re.compile(
    rf"(?i)(?<![\d/.,+−])({COUNT})(?!\s*%){_WORDS}(?:{_CONNECTED})\s*({COUNT})"
    r"(?!\s*%|[\d/]|[.,]\d|\s+phần trăm|\s+per ?cent)"
)
_COUNTED: Final = re.compile(
    r"(?i)\s*(?:tài khoản|hồ sơ|tin\b|bài|hộ\b|người|đoàn viên|lượt|giao dịch|accounts?|dossiers?|records?|"
    r"applications?|articles?|news|households?|people|members?|residents?)"
)
_PLACES: Final = re.compile(
    r"(?i)\s*(?:đơn vị|huyện|thị xã|thành phố|xã|phường|thị trấn|thôn|khu phố|tổ|sở|ban|ngành|trường|cơ sở|chi đoàn|"
    r"đoàn cơ sở|cơ quan|tỉnh|tháng|ngày|units?|districts?|towns?|cit(?:y|ies)|communes?|wards?|villages?|departments?|"
    r"schools?|provinces?|agenc(?:y|ies)|days?|months?)\b"
)
_ELSEWHERE: Final = re.compile(
    r"(?i)(?<!\w)(?:riêng|trong đó|cụ thể|điển hình|tiêu biểu|như|cao nhất|thấp nhất|in which|of which|such as|"
    r"including|especially|highest|lowest)(?!\w)"
)
_BRIDGE: Final = re.compile(
    r"(?i)\s*(?:of the (?:target|goal|plan)|chỉ tiêu|kế hoạch)?\s*"
    r"(?:[(\[–—-]|,?\s*(?:tức(?: là)?|tương ứng(?: với)?|tương đương|i\.e\.,?|that is|or|bằng)\s)\s*"
    r"(?:[^\W\d_]+\s+){0,3}$"
)
_SPACES: Final = str.maketrans(
    dict.fromkeys("\u2007\u2009\u202f", "\u00a0") | dict.fromkeys("\u00ad\u200b\u2060\ufeff")
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_REACH: Final = 300
"""How many characters after a pair its percentage is looked for."""
_SHORT: Final = 6
"""How many words may stand between a pair and a percentage of which nothing else is said."""
_MONTHS, _DAYS = 12, 31


@dataclass
class Reading:
    """What running text claims, its percentages (place, as printed) that no claim speaks of, doubts about headings."""

    claims: list[Claim] = field(default_factory=list)
    unchecked: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[Discrepancy] = field(default_factory=list)


class _Pair(NamedTuple):
    start: int
    end: int
    achieved: int
    goal: int
    certain: bool


def read_text(text: str, facts: ProjectFacts) -> Reading:
    """The claims that can be recognised; none is not an error, since text promises nothing."""
    plain = unicodedata.normalize("NFC", text.translate(_SPACES))
    reading = Reading()
    first: dict[int, Claim] = {}
    for section in sections(plain):
        claims, used = _section(plain, section, facts)
        reading.doubts += _doubts(section, claims, first, facts)
        reading.claims += claims
        reading.unchecked += [
            (place(plain, each.start), plain[each.start : each.end])
            for each in percentages(plain, section.start, section.end)
            if each.start not in used
        ]
    reading.claims = [claim for claim in reading.claims if _checkable(claim, reading.claims, facts)]
    return reading


def _checkable(claim: Claim, claims: Sequence[Claim], facts: ProjectFacts) -> bool:
    """Whether there is anything to hold the claim against: of a number of units the target's total, or its names."""
    if claim.units_over is None or claim.units_total is None or claim.named:
        return True
    impossible = claim.units_over > claim.units_total or claim.units_total not in facts.unit_counts
    return impossible or any(other.target == claim.target and other.percent is not None for other in claims)


def _doubts(
    section: Section, claims: list[Claim], first: dict[int, Claim], facts: ProjectFacts
) -> Iterator[Discrepancy]:
    """A target the project does not have, and a second heading of one under which other figures stand."""
    figures = next((claim for claim in claims if claim.achieved is not None), None)
    target = section.target
    if figures is None or target is None:
        return
    if target not in facts.targets:
        yield Discrepancy("unknown_target", figures.where, target, str(target))
    earlier = first.setdefault(target, figures) if section.headed else figures
    if (earlier.achieved, earlier.goal) != (figures.achieved, figures.goal):
        yield Discrepancy("repeated", figures.where, target, str(target), detail=earlier.where)


def _section(text: str, section: Section, facts: ProjectFacts) -> tuple[list[Claim], set[int]]:
    """Its claims, figures before numbers of units, and where the percentages are that they speak of."""
    counted = list(unit_claims(text, section, facts))
    of_units = [(each.start, each.end) for each in counted]
    pairs = [
        pair
        for match in _PAIR.finditer(text, section.start, section.end)
        if (pair := _pair(text, match)) and not any(start <= pair.start < end for start, end in of_units)
    ]
    printed = list(percentages(text, section.start, section.end))
    stops = sorted([*(pair.start for pair in pairs), *(start for start, _ in of_units), section.end])
    claims, used = [], {at for each in counted for at in each.percentages}
    for pair in pairs:
        stop = min(next(at for at in stops if at > pair.start), pair.end + _REACH)
        for percentage, certain in _candidates(text, pair, stop, [one for one in printed if one.start not in used]):
            claim = _claim(text, section.target, pair, percentage, facts)
            if claim.percent_holds or (certain and pair.certain):
                claims.append(claim)
                used.add(percentage.start)
                break
    return [*claims, *(each.claim for each in counted if each.claim)], used


def _candidates(text: str, pair: _Pair, stop: int, printed: Sequence[Percentage]) -> Iterator[tuple[Percentage, bool]]:
    """The percentages that may speak of the pair, and whether one does for certain, the likeliest first."""
    before = [
        one
        for one in printed
        if one.end <= pair.start and one.relation and _BRIDGE.fullmatch(text[one.end : pair.start])
    ]
    if before:
        yield before[-1], True
    after = [one for one in printed if pair.end <= one.start < stop and one.relation]
    for one in sorted(after, key=lambda each: not each.certain):
        yield one, _belongs(text[pair.end : one.start], one)


def _belongs(between: str, percentage: Percentage) -> bool:
    if _ELSEWHERE.search(between):
        return False
    last_end = max((end.end() for end in SENTENCE_END.finditer(between)), default=0)
    words = len(between[last_end:].split())
    if last_end:
        return percentage.certain and words <= 3
    return percentage.certain or (words <= _SHORT and between.count(",") <= 1)


def _pair(text: str, match: re.Match[str]) -> _Pair | None:
    achieved, goal = parse_count(match[1]), parse_count(match[2])
    counted = _COUNTED.match(text, match.end()) or _COUNTED.match(text, match.end(1))
    month = bool(_YEAR.fullmatch(match[2]))
    day = (achieved <= _DAYS and goal <= _MONTHS) or (achieved <= _MONTHS and goal <= _DAYS)
    certain = (
        not _PLACES.match(text, match.end())
        and not _PLACES.match(text, match.end(1))
        and (bool(counted) or not (month or day))
    )
    return _Pair(match.start(), match.end(), achieved, goal, certain) if goal else None


def _claim(text: str, target: int | None, pair: _Pair, percentage: Percentage, facts: ProjectFacts) -> Claim:
    return Claim(
        where=place(text, pair.start),
        target=target,
        achieved=pair.achieved,
        goal=pair.goal,
        is_part=target in facts.ratio_targets,
        percent=parse_percent(percentage.number, pair.achieved, pair.goal),
        relation=percentage.relation or "is",
    )

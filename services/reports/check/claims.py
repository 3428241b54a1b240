"""What a notice claims, in whatever form it came, and what of it does not add up. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from shared.domain.catalogue import PROVINCE
from shared.domain.formatting import Lang, format_number, format_percent, percent
from shared.runtime.messages import translate

COUNT: Final = r"\d{1,3}(?:[.,\u00a0]\d{3})+|\d{1,3}(?: \d{3})+|\d+"
"""A whole number, thousands grouped by dots, commas or spaces or not at all."""

_GROUPED = re.compile(r"\d{1,3}([.,]\d{3})+")

Relation = Literal["is", "over", "under", "exceeds"]
"""What a percentage says of the attainment: it is that, more, less, or that much more than 100 %."""


_FULL = 100
_SPACES: Final = str.maketrans(dict.fromkeys("\u2007\u2009\u202f", "\u00a0"))
"""Narrow and figure spaces, which are written between thousands, as no-break spaces."""


class UnreadableClaimError(ValueError):
    """A figure cannot be read; the message names the place, the field and the remedy."""


@dataclass(frozen=True)
class Claim:
    """One line of figures about a target, of one unit or the province.

    `goal` is what `achieved` is divided by: the goal, or with `is_part` the whole that it is a part of.
    `percent` keeps the decimals as printed. `units_over` of `units_total` units are claimed to be over
    100 %, and to hold `share` percent of the goal. `units_claimed` units are said to follow by name; as `named`
    the names that do can be counted (fewest, most).
    """

    where: str
    target: int | None = None
    unit: str = PROVINCE
    achieved: int | None = None
    goal: int | None = None
    is_part: bool = False
    percent: Decimal | None = None
    relation: Relation = "is"
    units_total: int | None = None
    units_over: int | None = None
    share: Decimal | None = None
    units_claimed: int | None = None
    named: tuple[int, int] | None = None

    @property
    def percent_holds(self) -> bool:
        """Whether the percentage follows from the two numbers, half up to the decimals printed."""
        if self.percent is None or self.achieved is None or not self.goal:
            return True
        attained = Fraction(self.achieved * 100, self.goal)
        equal = percent(self.achieved, self.goal, self.decimals) == self.percent
        match self.relation:
            case "over":
                return attained >= self.percent
            case "under":
                return attained <= self.percent
            case "exceeds":
                more = percent(self.achieved - self.goal, self.goal, self.decimals) == self.percent
                return equal or more or attained > self.percent >= _FULL
        return equal

    @property
    def decimals(self) -> int:
        """How many decimals the percentage is printed with."""
        exponent = self.percent.as_tuple().exponent if self.percent is not None else 0
        return -exponent if isinstance(exponent, int) and exponent < 0 else 0

    def describe(self, lang: Lang) -> str:
        """Its figures on one line, with their place."""
        figures = []
        if self.achieved is not None:
            figures.append("/".join(format_number(one, lang) for one in (self.achieved, self.goal) if one is not None))
        if self.percent is not None:
            shown = format_percent(self.percent / 100, lang, self.decimals)
            figures.append(translate(lang, f"notice.check.percent_{self.relation}", percent=shown))
        if self.units_over is not None:
            over = f"{self.units_over}/{self.units_total}"
            figures.append(translate(lang, "notice.check.units_over", units=over))
        if self.named is not None:
            figures.append(translate(lang, "notice.check.names", count=self.units_claimed))
        unit = () if self.unit == PROVINCE else (self.unit,)
        return f"{place_name(self.where, self.target, lang)}: {', '.join((*unit, *figures))}"


def parse_count(text: str) -> int:
    """A whole number in Vietnamese or English writing: "49.795", "49,795" or "49795".

    Raises:
        ValueError: it is none of these.
    """
    compact = text.translate(_SPACES).strip()
    if not re.fullmatch(COUNT, compact):
        raise ValueError(f"{text!r} is not a whole number: write 49795, 49.795 or 49,795")
    return int(re.sub(r"\D", "", compact))


def parse_percent(text: str, achieved: int | None = None, goal: int | None = None) -> Decimal:
    """A percentage with the decimals it has: "62,6 %" and "62.6" are 62.6; "1.235 %" is 1235.

    "61.630 %" can be read in two ways: of these it is the one nearer to `achieved` of `goal`, where they are known.

    Raises:
        ValueError: it is not a percentage.
    """
    compact = text.replace("%", "").translate(_SPACES).strip()
    if not re.fullmatch(r"\d+(?:[.,]\d+)?|\d{1,3}(?:[., \u00a0]\d{3})+", compact):
        raise ValueError(f"{text!r} is not a percentage: write 61.6 or 61,6")
    grouped = Decimal(re.sub(r"\D", "", compact))
    if not _GROUPED.fullmatch(compact):
        return Decimal(compact.replace(",", ".")) if not re.search(r"\s", compact) else grouped
    if re.sub(r"\d", "", compact) not in (".", ",") or achieved is None or not goal:
        return grouped
    attained = Fraction(achieved * 100, goal)
    decimal = Decimal(compact.replace(",", "."))
    return min(grouped, decimal, key=lambda reading: abs(Fraction(reading) - attained))


Severity = Literal["wrong", "doubtful"]
DiscrepancyCode = Literal[
    "percent",
    "part_over_whole",
    "units_over_total",
    "units_all",
    "units_none",
    "units_goals",
    "units_doubtful",
    "share_impossible",
    "units_miscounted",
    "sum_achieved",
    "sum_goal",
    "units_named",
    "units_other_total",
    "whole",
    "repeated",
    "unknown_target",
    "figure",
    "reference",
]

DOUBTS: Final = ("units_doubtful", "units_other_total", "repeated", "unknown_target")
"""What could be true but needs an answer."""

_PLACE: Final = re.compile(r"(line|figure) (\d+)|table (\d+), row (\d+)")
"""A place in a file, as the readers name it; any other is a figure's id."""


@dataclass(frozen=True)
class Discrepancy:
    """One thing that does not add up: where, what was printed and what it should be, already as text."""

    code: DiscrepancyCode
    where: str
    target: int | None
    printed: str
    expected: str = ""
    detail: str = ""

    @property
    def severity(self) -> Severity:
        """Doubtful where the figures could be true but need an answer; wrong otherwise."""
        return "doubtful" if self.code in DOUBTS else "wrong"

    def describe(self, lang: Lang) -> str:
        """One line for the report."""
        place = place_name(self.where, self.target, lang)
        text = translate(
            lang, f"notice.check.{self.code}", printed=self.printed, expected=self.expected, detail=self.detail
        )
        return f"{severity_name(self.severity, lang)}  {place}: {text}"


def severity_name(severity: Severity, lang: Lang) -> str:
    """The severity as the report prints it."""
    return translate(lang, f"notice.check.{severity}")


def place_name(where: str, target: int | None, lang: Lang) -> str:
    """A place in a file, with the target it is about, as the report prints it."""
    place = _PLACE.fullmatch(where)
    if place is not None and place[1]:
        where = translate(lang, f"notice.check.place_{place[1]}", number=place[2])
    elif place is not None:
        where = translate(lang, "notice.check.place_row", table=place[3], row=place[4])
    return where if target is None else translate(lang, "notice.check.in_target", place=where, target=target)

"""What a notice claims, in whatever form it came, and what of it does not add up. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from shared.domain.catalogue import PROVINCE
from shared.domain.formatting import Lang
from shared.runtime.messages import translate

COUNT: Final = r"\d{1,3}(?:[.,]\d{3})+|\d+"
"""A whole number, thousands grouped by dots or commas or not at all."""
PERCENT: Final = r"\d+(?:[.,]\d+)*"

_GROUPED = re.compile(r"\d{1,3}([.,]\d{3})+")


class UnreadableClaimError(ValueError):
    """A figure cannot be read; the message names the place, the field and the remedy."""


@dataclass(frozen=True)
class Claim:
    """One line of figures about a target, of one unit or the province.

    `goal` is what `achieved` is divided by: the goal, or with `is_part` the whole that it is a part of.
    `percent` keeps the decimals as printed. `units_over` of `units_total` units are claimed to be over
    100 %, and to hold `share` percent of the goal.
    """

    where: str
    target: int | None = None
    unit: str = PROVINCE
    achieved: int | None = None
    goal: int | None = None
    is_part: bool = False
    percent: Decimal | None = None
    units_total: int | None = None
    units_over: int | None = None
    share: Decimal | None = None


def parse_count(text: str) -> int:
    """A whole number in Vietnamese or English writing: "49.795", "49,795" or "49795".

    Raises:
        ValueError: it is none of these.
    """
    compact = text.strip()
    if not re.fullmatch(COUNT, compact):
        raise ValueError(f"{text!r} is not a whole number: write 49795, 49.795 or 49,795")
    return int(re.sub("[.,]", "", compact))


def parse_percent(text: str) -> Decimal:
    """A percentage with the decimals it has: "62,6 %" and "62.6" are 62.6; "1.235 %" is 1235.

    Raises:
        ValueError: it is not a percentage.
    """
    compact = text.replace("%", "").strip()
    if _GROUPED.fullmatch(compact):
        return Decimal(re.sub("[.,]", "", compact))
    if not re.fullmatch(r"\d+(?:[.,]\d+)?", compact):
        raise ValueError(f"{text!r} is not a percentage: write 61.6 or 61,6")
    return Decimal(compact.replace(",", "."))


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
    "figure",
    "reference",
]

_PLACE: Final = re.compile(r"(line|figure) (\d+)")
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
        return "doubtful" if self.code == "units_doubtful" else "wrong"

    def describe(self, lang: Lang) -> str:
        """One line for the report."""
        place = _translated(self.where, lang)
        if self.target is not None:
            place = translate(lang, "notice.check.in_target", place=place, target=self.target)
        text = translate(
            lang, f"notice.check.{self.code}", printed=self.printed, expected=self.expected, detail=self.detail
        )
        return f"{severity_name(self.severity, lang)}  {place}: {text}"


def severity_name(severity: Severity, lang: Lang) -> str:
    """The severity as the report prints it."""
    return translate(lang, f"notice.check.{severity}")


def _translated(where: str, lang: Lang) -> str:
    place = _PLACE.fullmatch(where)
    return where if place is None else translate(lang, f"notice.check.place_{place[1]}", number=place[2])

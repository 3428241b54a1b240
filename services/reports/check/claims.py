"""What a notice claims, in whatever form it came, and the numbers in it as people type them. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from shared.domain.catalogue import PROVINCE

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

"""What does not add up in a notice, as data and in words. Pure."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from shared.domain.formatting import Lang
from shared.runtime.messages import translate

Severity = Literal["wrong", "doubtful"]
Code = Literal[
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

    code: Code
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

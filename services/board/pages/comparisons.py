"""One row of progress as text: attainment, increase, growth and change of increase, each with its base. Pure."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import Target
from shared.domain.formatting import NO_BREAK_SPACE, Lang, format_number, format_percent, half_up
from shared.runtime.messages import translate

MINUS = "\u2212"
Pace = Literal["faster", "slower", "same", ""]
ARROWS: dict[Pace, str] = {"faster": "▲", "slower": "▼", "same": "=", "": ""}
Value = int | float | None


@dataclass(frozen=True)
class ComparedTexts:
    """What people read of one unit and target; `filled` is the bar's length in per cent, at most 100."""

    attainment: str
    filled: str
    reached: bool
    achieved: str
    increase: str
    previous_increase: str
    pace: Pace
    change: str
    growth: str
    growth_base: str
    spoken: str

    @property
    def arrow(self) -> str:
        return ARROWS[self.pace]


def compare(row: ProgressRow, target: Target, lang: Lang) -> ComparedTexts:
    """The row of one unit (or the province) in words of `lang`."""
    none = translate(lang, "board.none")
    attainment = none if row.attainment is None else format_percent(row.attainment, lang)
    increase = signed(row.increase, target, lang)
    previous_increase = signed(row.previous_increase, target, lang)
    before = _minus(row.achieved, row.increase)
    texts = {
        "attainment": attainment,
        "growth": _growth(row, lang),
        "increase": increase,
        "previous_increase": previous_increase,
    }
    reached = row.attainment is not None and row.attainment >= 1
    spoken = translate(lang, "board.spoken_none") if row.achieved is None else translate(lang, "board.spoken", **texts)
    reached_text = translate(lang, "board.spoken_reached")
    return ComparedTexts(
        **texts,
        filled=str(half_up(min(max(row.attainment or 0, 0), 1) * 100, 1)),
        reached=reached,
        achieved=achieved_text(row, target, lang),
        pace=_pace(row),
        change=signed(_minus(row.increase, row.previous_increase), target, lang),
        growth_base=amount(before, target, lang),
        spoken=f"{spoken}; {reached_text}" if reached else spoken,
    )


def amount(value: Value, target: Target, lang: Lang) -> str:
    """A cumulative figure: "4.615", for a ratio target "32,5 %"."""
    if value is None:
        return translate(lang, "board.none")
    return format_percent(value, lang) if target.is_ratio else format_number(value, lang).replace("-", MINUS)


def count(value: int, lang: Lang) -> str:
    """A whole number, with a true minus sign."""
    return format_number(value, lang).replace("-", MINUS)


def signed(value: Value, target: Target, lang: Lang) -> str:
    """A difference with its sign: "+566", "0", for a ratio target in percentage points "−5,3 đ%"."""
    if value is None:
        return translate(lang, "board.none")
    size = abs(Fraction(str(value)))
    if target.is_ratio:
        text = format_number(size * 100, lang, 1)
        text += NO_BREAK_SPACE + translate(lang, "board.points")
        nothing = not half_up(size * 100, 1)
    else:
        text, nothing = format_number(size, lang), not half_up(size)
    return text if nothing else ("+" if value > 0 else MINUS) + text


def achieved_text(row: ProgressRow, target: Target, lang: Lang) -> str:
    """Achieved and goal with what they count: "4.615 / 6.589 tài khoản"."""
    if row.achieved is None:
        return translate(lang, "board.achieved_none", noun=target.noun(lang))
    form = "ratio" if target.is_ratio else "count"
    plain = "_plain" if row.goal is None else ""
    values = {
        "achieved": amount(row.achieved, target, lang),
        "goal": amount(row.goal, target, lang),
        "numerator": format_number(row.numerator or 0, lang),
        "denominator": format_number(row.denominator or 0, lang),
        "noun": target.noun(lang),
    }
    return translate(lang, f"board.achieved_{form}{plain}", **values)


def share_of(row: ProgressRow, province: ProgressRow, target: Target, lang: Lang) -> str:
    """What the unit contributes to the province's figure (for a ratio: to its numerator); empty from nothing."""
    part, whole = (row.numerator, province.numerator) if target.is_ratio else (row.achieved, province.achieved)
    if not whole:
        return ""
    share = format_percent(Fraction(str(part or 0)) / Fraction(str(whole)), lang)
    return translate(lang, "board.share_of", share=share, whole=format_number(whole, lang), noun=target.noun(lang))


def _growth(row: ProgressRow, lang: Lang) -> str:
    if row.growth is None:
        return translate(lang, "board.new" if row.achieved else "board.none")
    if not row.growth:
        return format_percent(0, lang)
    return ("+" if row.growth > 0 else MINUS) + format_percent(abs(row.growth), lang)


def _pace(row: ProgressRow) -> Pace:
    if row.increase is None or row.previous_increase is None:
        return ""
    if row.increase == row.previous_increase:
        return "same"
    return "faster" if row.increase > row.previous_increase else "slower"


def _minus(value: Value, less: Value) -> Value:
    return value - less if value is not None and less is not None else None

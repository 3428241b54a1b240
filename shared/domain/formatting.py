"""Numbers and dates as people read them: 49.795 and 32,5 % in Vietnamese, 49,795 and 32.5 % in English."""

import datetime as dt
from fractions import Fraction
from typing import Literal

from shared.domain.rounding import Number, half_up, percent

Lang = Literal["vi", "en"]
LANGUAGES: tuple[Lang, Lang] = ("vi", "en")

NO_BREAK_SPACE = "\u00a0"
_TO_VIETNAMESE = str.maketrans(",.", ".,")
_FIRST_MONTH_WITHOUT_ZERO = 3


def format_number(value: Number, lang: Lang, digits: int = 0) -> str:
    """`value` half up to `digits` decimals, thousands grouped: "49.795" (vi), "49,795" (en)."""
    return _localised(f"{half_up(value, digits):,f}", lang)


def format_percent(value: Number, lang: Lang, digits: int = 1) -> str:
    """A share of one as a percentage, half up: 0.325 is "32,5 %" (vi) or "32.5 %" (en), on one line."""
    exact = percent(Fraction(str(value)), 1, digits)
    return _localised(f"{exact:,f}", lang) + NO_BREAK_SPACE + "%"


def format_date(day: dt.date, lang: Lang) -> str:
    """As offices write it: "01/7/2023" (vi, from March on without a zero) or "1 July 2023" (en)."""
    if lang == "en":
        return f"{day.day} {day:%B %Y}"
    month = str(day.month) if day.month >= _FIRST_MONTH_WITHOUT_ZERO else f"{day.month:02}"
    return f"{day.day:02}/{month}/{day.year}"


def _localised(text: str, lang: Lang) -> str:
    return text.translate(_TO_VIETNAMESE) if lang == "vi" else text

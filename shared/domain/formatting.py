"""Numbers, dates and lines as people read them: 49.795 and 32,5 % in Vietnamese, 49,795 and 32.5 % in English. Pure.

The one rounding rule is half up, on exact decimals; nothing else rounds a figure people read.
"""

import datetime as dt
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Lang = Literal["vi", "en"]
LANGUAGES: tuple[Lang, Lang] = ("vi", "en")

Number = int | float | Decimal | Fraction

NO_BREAK_SPACE = "\u00a0"
_TO_VIETNAMESE = str.maketrans(",.", ".,")
_FIRST_MONTH_WITHOUT_ZERO = 3


def half_up(value: Number, digits: int = 0) -> Decimal:
    """`value` rounded half up (away from zero on a tie) to `digits` decimals.

    A float is taken as the shortest decimal that reads back as it, so 2.675 rounds to 2.68.
    """
    exact = value if isinstance(value, Fraction) else Fraction(value if isinstance(value, Decimal) else str(value))
    return _fraction_half_up(exact, digits)


def percent(part: int | Fraction, whole: int | Fraction, digits: int = 1) -> Decimal | None:
    """100 x part / whole, half up to `digits` decimals, from exact numbers; None where `whole` is zero."""
    if not whole:
        return None
    return _fraction_half_up(Fraction(part) * 100 / Fraction(whole), digits)


def format_number(value: Number, lang: Lang, digits: int = 0) -> str:
    """`value` half up to `digits` decimals, thousands grouped: "49.795" (vi), "49,795" (en)."""
    return _localised(f"{half_up(value, digits):,f}", lang)


def format_short(value: Number, lang: Lang) -> str:
    """`value` half up to one decimal, which is left out where it is a zero: "28.8", "434"."""
    shown = half_up(value, 1)
    return format_number(shown, lang, 0 if shown == half_up(shown) else 1)


def format_month(day: dt.date, lang: Lang) -> str:
    """The month of `day` within a sentence: "6" (vi, after "tháng") or "June" (en)."""
    return str(day.month) if lang == "vi" else f"{day:%B}"


def format_percent(
    value: Number, lang: Lang, digits: int = 1, *, signed: bool = False, space: str = NO_BREAK_SPACE
) -> str:
    """A share of one as a percentage, half up: 0.325 is "32,5 %" (vi) or "32.5 %" (en), on one line.

    `signed` gives what is not negative a plus; `space` stands before the sign of percent.
    """
    exact = percent(Fraction(str(value)), 1, digits)
    return _localised(f"{exact:{'+' if signed else ''},f}", lang) + space + "%"


def format_date(day: dt.date, lang: Lang) -> str:
    """As offices write it: "01/7/2023" (vi, from March on without a zero) or "1 July 2023" (en)."""
    if lang == "en":
        return f"{day.day} {day:%B %Y}"
    month = str(day.month) if day.month >= _FIRST_MONTH_WITHOUT_ZERO else f"{day.month:02}"
    return f"{day.day:02}/{month}/{day.year}"


def one_line(text: str) -> str:
    """`text` without control and format characters (Unicode categories C*), white space made single spaces."""
    characters = (" " if unicodedata.category(c).startswith("C") else c for c in text)
    return " ".join("".join(characters).split())


def _localised(text: str, lang: Lang) -> str:
    return text.translate(_TO_VIETNAMESE) if lang == "vi" else text


def _fraction_half_up(value: Fraction, digits: int) -> Decimal:
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(f"{whole if value >= 0 else -whole}e{-digits}")

"""Number formats in both languages, and the half-up rule behind them."""

import datetime as dt
from fractions import Fraction

import pytest

from shared.domain.formatting import Lang, format_date, format_number, format_percent


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [
        (49795, 0, "49.795", "49,795"),
        (1234567.5, 0, "1.234.568", "1,234,568"),
        (2.675, 2, "2,68", "2.68"),
        (-1500, 0, "-1.500", "-1,500"),
        (999, 0, "999", "999"),
    ],
)
def test_numbers(value: float, digits: int, vi: str, en: str) -> None:
    assert (format_number(value, "vi", digits), format_number(value, "en", digits)) == (vi, en)


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [
        (29440 / 90471, 1, "32,5 %", "32.5 %"),
        (40676 / 66000, 1, "61,6 %", "61.6 %"),
        (0.125, 0, "13 %", "13 %"),
        (0.0005, 1, "0,1 %", "0.1 %"),
        (1.005, 1, "100,5 %", "100.5 %"),
        (Fraction(1, 8), 1, "12,5 %", "12.5 %"),
        (12.345, 0, "1.235 %", "1,235 %"),
    ],
)
def test_percentages_round_half_up_and_keep_their_sign_on_the_line(
    value: float | Fraction, digits: int, vi: str, en: str
) -> None:
    assert format_percent(value, "vi", digits) == vi.replace(" ", "\u00a0")
    assert format_percent(value, "en", digits) == en.replace(" ", "\u00a0")


def test_a_change_has_its_sign_and_a_console_its_own_space() -> None:
    assert format_percent(0.325, "vi", signed=True) == "+32,5\N{NO-BREAK SPACE}%"
    assert format_percent(-0.5, "en", 0, signed=True, space="") == "-50%"
    assert format_percent(12, "en", space=" ") == "1,200.0 %"


@pytest.mark.parametrize(
    ("day", "lang", "text"),
    [
        (dt.date(2023, 7, 1), "vi", "01/7/2023"),
        (dt.date(2024, 2, 29), "vi", "29/02/2024"),
        (dt.date(2023, 7, 1), "en", "1 July 2023"),
    ],
)
def test_dates(day: dt.date, lang: Lang, text: str) -> None:
    assert format_date(day, lang) == text

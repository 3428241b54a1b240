"""The one rounding rule: half up, on exact decimals. Nothing else rounds a figure people read."""

from decimal import Decimal
from fractions import Fraction

Number = int | float | Decimal | Fraction


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


def _fraction_half_up(value: Fraction, digits: int) -> Decimal:
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(f"{whole if value >= 0 else -whole}e{-digits}")

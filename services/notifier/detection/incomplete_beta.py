"""The regularised incomplete beta function, which gives the tail of a gamma-Poisson count."""

import math

TINY = 1e-300
PRECISION = 1e-12
MOST_TERMS = 2000


def incomplete_beta(x: float, a: float, b: float) -> float:
    """I_x(a, b) for 0 <= x <= 1 and positive a, b, to about ten digits.

    Source: NIST Digital Library of Mathematical Functions, 8.17.22 (continued fraction) and 8.17.4 (I_x(a, b)
    = 1 - I_{1-x}(b, a), used on the side where the fraction converges fast); evaluated by the modified Lentz
    method (Thompson and Barnett, J. Comput. Phys. 64, 1986).

    Raises:
        ValueError: an argument is outside its range.
    """
    if not (0 <= x <= 1 and a > 0 and b > 0):
        raise ValueError(f"incomplete_beta needs 0 <= x <= 1, a > 0, b > 0; got x={x}, a={a}, b={b}")
    if x in (0, 1):
        return float(x)
    if x > (a + 1) / (a + b + 2):
        return 1 - _by_fraction(1 - x, b, a)
    return _by_fraction(x, a, b)


def _by_fraction(x: float, a: float, b: float) -> float:
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    front = math.exp(a * math.log(x) + b * math.log1p(-x) - log_beta) / a
    c, d = 1.0, _away_from_zero(1 - (a + b) * x / (a + 1))
    d = 1 / d
    value = d
    for m in range(1, MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < PRECISION:
            break
    return min(1.0, front * value)


def _away_from_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY

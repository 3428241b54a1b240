"""What moves the whole province: the factor common to all units, taken off before one unit is judged."""

import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from services.notifier.detection.incomplete_beta import incomplete_beta

LEAST_FACTOR = 0.05


class Comparison(NamedTuple):
    """What one unit did and what was expected of it, in the same unit of count."""

    observed: float
    expected: float


def province_factor(units: Iterable[Comparison], least: float, least_units: int, change: float) -> float:
    """The median of observed / expected over units with `least` or more expected.

    1 where fewer than `least_units` have as much, or the median is within a factor of `change` of 1.
    """
    ratios = [unit.observed / unit.expected for unit in units if unit.expected >= least]
    if len(ratios) < least_units:
        return 1.0
    factor = max(LEAST_FACTOR, median(ratios))
    return factor if abs(math.log(factor)) > math.log(change) else 1.0


def sign_test(units: Sequence[Comparison], least: float) -> tuple[float, float]:
    """The chance that as many units, or more, lie below and above what was expected if either were as likely.

    P(Bin(n, 1/2) >= k) = I_1/2(k, n - k + 1) (NIST DLMF 8.17.5). Units with less than `least` expected do not
    vote.
    """
    voters = [unit for unit in units if unit.expected >= least]
    below = sum(unit.observed < unit.expected for unit in voters)
    above = sum(unit.observed > unit.expected for unit in voters)
    return _at_least(below, len(voters)), _at_least(above, len(voters))


def _at_least(k: int, n: int) -> float:
    return incomplete_beta(0.5, k, n - k + 1) if k else 1.0

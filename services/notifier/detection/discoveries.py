"""Control of false discoveries over all unit x target pairs of one run."""

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")


def q_values(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """The smallest false discovery rate at which each test would be called a discovery.

    Source: Benjamini and Hochberg, J. R. Statist. Soc. B 57 (1995), 289-300; the step-up procedure written as
    adjusted values: q(i) = min over j >= i of p(j) m / j, at most 1.
    """
    ordered = sorted(p_values.items(), key=lambda item: item[1], reverse=True)
    adjusted: dict[Key, float] = {}
    smallest = 1.0
    for position, (key, p) in enumerate(ordered):
        smallest = min(smallest, p * len(ordered) / (len(ordered) - position))
        adjusted[key] = smallest
    return adjusted

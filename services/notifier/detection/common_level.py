"""Common level: what moves all units of a target at once, so that it is nobody's lag or surge. Pure.

A random walk of the log level with jumps, on a grid; each unit's say on a day is bounded, so that neither one unit's
campaign nor its stop passes for the province's.
"""

import numpy as np
from numpy.typing import NDArray

from services.notifier.detection.likelihoods import Array, Likelihood

STEP = 0.15
HALF = 14
LEVELS: Array = (np.arange(2 * HALF + 1) - HALF) * STEP
FURTHEST = 6
"""Steps that the mean may be off the middle before the grid is laid anew."""
STEP_CHANCE = 0.02
JUMP_CHANCE = 0.02
JUMP_STEPS = 7
MOST_SAY = 1.5
"""The most that one unit's day can say for one level against another, as a log-likelihood ratio."""


class CommonLevel:
    """The common log level of each target, under each variant of the rates; `targets` says whose each series is."""

    def __init__(self, targets: NDArray[np.int64], variants: int) -> None:
        self._targets = targets
        self._own = (targets == np.arange(targets.max() + 1)[:, None]).astype(float)
        self._chances = np.zeros((variants, len(self._own), len(LEVELS)))
        self._chances[..., HALF] = 1.0
        self._centres = np.zeros((variants, len(self._own)))
        self._moves = _moves()

    def of_series(self) -> Array:
        """The level as known, (variant, series)."""
        levels: Array = (self._centres + self._chances @ LEVELS)[:, self._targets]
        return levels

    def take(self, likelihood: Likelihood, at: int, levels: Array, variances: Array, weights: Array) -> None:
        """Take in day `at`; `levels`, their `variances` and the `weights` of their say are the series' own."""
        self._chances = self._chances @ self._moves
        middle = np.rint(self._chances @ np.arange(len(LEVELS))).astype(int)[:, self._targets, None]
        own = levels + self._centres[:, self._targets]
        says = likelihood.table(at, own, LEVELS, variances)
        says = np.clip(says - np.take_along_axis(says, middle, 2), -MOST_SAY, MOST_SAY) * weights[..., None]
        logs = np.log(self._chances + 1e-300) + self._own @ says
        self._chances = np.exp(logs - logs.max(2, keepdims=True))
        self._chances /= self._chances.sum(2, keepdims=True)
        self._recentre()

    def _recentre(self) -> None:
        off = np.rint(self._chances @ np.arange(len(LEVELS)) - HALF).astype(int)
        recentre(self._chances, self._centres, off, FURTHEST, STEP)


def recentre(chances: Array, centres: Array, off: NDArray[np.int64], furthest: int, step: float) -> None:
    """Lay levels anew, in place, where the mean is more than `furthest` steps of `step` off the middle.

    `off` and `centres` are (variant, series or target); `chances` have the levels on their last axis.
    """
    for variant, at in np.argwhere(np.abs(off) > furthest):
        chances[variant, at] = _shifted(chances[variant, at], off[variant, at])
        centres[variant, at] += off[variant, at] * step


def _shifted(chances: Array, steps: int) -> Array:
    """Chances over levels (the last axis) laid `steps` levels lower, for a grid that moves up by as many."""
    moved = np.zeros_like(chances)
    if steps > 0:
        moved[..., :-steps] = chances[..., steps:]
    else:
        moved[..., -steps:] = chances[..., : chances.shape[-1] + steps]
    return moved


def _moves() -> Array:
    """The chances of each level tomorrow, from each today: (from, to)."""
    size = len(LEVELS)
    moves = np.zeros((size, size))
    for at in range(size):
        for step, chance in ((-1, STEP_CHANCE), (1, STEP_CHANCE), (0, 1 - 2 * STEP_CHANCE - JUMP_CHANCE)):
            moves[at, min(max(at + step, 0), size - 1)] += chance
        for jump in range(-JUMP_STEPS, JUMP_STEPS + 1):
            moves[at, min(max(at + jump, 0), size - 1)] += JUMP_CHANCE / (2 * JUMP_STEPS + 1)
    return moves

"""Filter: the chance that a unit lags or surges now, from every day up to now. Pure.

A hidden Markov model per unit and target (Rabiner, Proc. IEEE 77 (1989), 257-286; forward pass alone, so that nothing
looks ahead). Hidden are the unit's own log level, which drifts slowly; whether it is changed, to one of two lower or
two higher levels, for about a month; and whether a campaign of a few days runs. A level common to all units of a
target is taken off (`CommonLevel`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.notifier.detection.common_level import CommonLevel, recentre
from services.notifier.detection.likelihoods import Array, Likelihood

STEP = 0.12
HALF = 13
FACTORS: Array = (np.arange(2 * HALF + 1) - HALF) * STEP
"""The log levels looked at, around one that follows the unit."""
FURTHEST = 3
"""Steps that the mean may be off the middle before the levels are laid anew."""
FIRST_DEVIATION = 0.6

CHANGE_DAYS = 30.0
CAMPAIGN_DAYS = 3.5
MONTH = 30.0


class Kinds(NamedTuple):
    """The factors on the level that a lag, a surge and a campaign may have."""

    lags: tuple[float, ...] = (0.33, 0.45)
    surges: tuple[float, ...] = (2.4, 3.4)
    campaigns: tuple[float, ...] = (2.6, 4.2)


KINDS = Kinds()


class Rates(NamedTuple):
    """How series vary by themselves; every array has the axis variant first.

    `dispersion` (variant, target), `drift` of the log level a month (variant,), `campaigns` begun a day (variant,), and
    `changes` begun a day, to either side.
    """

    dispersion: Array
    drift: Array
    campaigns: Array
    changes: float


class Chances(NamedTuple):
    """The chance that each series is changed now: (series,)."""

    lag: Array
    surge: Array


class LevelFilter:
    """The forward pass over days, of all series at once; `targets` says which target (0, 1, ...) a series is of.

    `days_seen` days are taken in so far.
    """

    def __init__(self, likelihood: Likelihood, targets: NDArray[np.int64], rates: Rates, kinds: Kinds = KINDS) -> None:
        self._likelihood, self.days_seen = likelihood, 0
        variants = len(rates.drift)
        self._lags, self._campaigns = len(kinds.lags), 1 + len(kinds.campaigns)
        self._moves = np.stack([_moves(kinds, rates, at) for at in range(variants)]).astype(np.float32)[:, None]
        self._steps = np.minimum(0.33, rates.drift**2 / MONTH / STEP**2 / 2).astype(np.float32)[:, None, None, None]
        changed = np.log((1.0, *kinds.lags, *kinds.surges))
        campaigns = np.log((1.0, *kinds.campaigns))
        offsets = np.rint((changed[:, None] + campaigns).ravel() / STEP).astype(int)
        self._offsets = offsets - offsets.min()
        self._table_factors = np.arange(offsets.min() - HALF, offsets.max() + HALF + 1) * STEP
        self._common = CommonLevel(targets, variants)
        self._levels = np.tile(likelihood.first_levels(), (variants, 1))
        around = np.exp(-0.5 * (FACTORS / FIRST_DEVIATION) ** 2)
        self._chances = np.zeros((variants, len(targets), len(offsets), len(FACTORS)), np.float32)
        self._chances[:, :, 0] = around / around.sum()

    def take(self, until: int) -> Array:
        """Take in the days up to but not including `until`; the log-likelihood of these days, (variant, series)."""
        until = min(until, self._likelihood.length)  # a run after a weekend comes after the history's last day
        total = np.zeros_like(self._levels)
        for at in range(self.days_seen, until):
            total += self._take_day(at)
        self.days_seen = max(self.days_seen, until)
        return total

    def chances(self) -> Chances:
        """The chances now, under the first variant."""
        by_state = self._chances[0].sum(2, dtype=float)
        by_change = by_state.reshape(len(by_state), -1, self._campaigns).sum(2)
        return Chances(by_change[:, 1 : 1 + self._lags].sum(1), by_change[:, 1 + self._lags :].sum(1))

    def levels_now(self) -> Array:
        """The log level of each series without change and campaign, with what moves all units: (series,)."""
        own = self._levels[0] + self._chances[0].sum(1) @ FACTORS.astype(np.float32)
        levels: Array = own + self._common.of_series()[0]
        return levels

    def _take_day(self, at: int) -> Array:
        self._common.take(self._likelihood, at, *self._unchanged())
        moved = np.matmul(self._moves, self._chances)
        chances = moved * (1 - 2 * self._steps)
        stepping = moved * self._steps
        chances[..., 1:] += stepping[..., :-1]
        chances[..., :-1] += stepping[..., 1:]
        chances[..., 0] += stepping[..., 0]
        chances[..., -1] += stepping[..., -1]
        table = self._likelihood.table(at, self._levels + self._common.of_series(), self._table_factors)
        best = table.max(2, keepdims=True)
        likely = np.exp((table - best).astype(np.float32))
        for state, offset in enumerate(self._offsets):
            chances[:, :, state] *= likely[..., offset : offset + len(FACTORS)]
        total = np.maximum(chances.sum((2, 3)), np.float32(1e-30))
        chances /= total[..., None, None]
        self._chances = chances
        self._recentre()
        likely_as: Array = np.log(total) + best[..., 0]
        return likely_as

    def _unchanged(self) -> tuple[Array, Array, Array]:
        """Each series' level while it is neither changed nor in a campaign, its variance, and the chance of that."""
        unchanged = self._chances[:, :, 0]
        weights = np.maximum(unchanged.sum(2), np.float32(1e-9))
        means = unchanged @ FACTORS.astype(np.float32) / weights
        variances = unchanged @ (FACTORS**2).astype(np.float32) / weights - means**2
        return self._levels + means, np.maximum(variances.astype(float), 0.0), weights.astype(float)

    def _recentre(self) -> None:
        """Lay the levels anew around the mean of series that came to their edge."""
        off = np.rint(self._chances.sum(2) @ (np.arange(len(FACTORS)) - HALF).astype(np.float32)).astype(int)
        recentre(self._chances, self._levels, off, FURTHEST, STEP)


def _moves(kinds: Kinds, rates: Rates, variant: int) -> Array:
    """The chances of each state (change x campaign) tomorrow, from each state today: (to, from)."""
    lags, surges = len(kinds.lags), len(kinds.surges)
    changes = _leaving(1 + lags + surges, CHANGE_DAYS)
    changes[0, 1:] = rates.changes / np.repeat((lags, surges), (lags, surges))
    changes[0, 0] -= changes[0, 1:].sum()
    campaigns = _leaving(1 + len(kinds.campaigns), CAMPAIGN_DAYS)
    campaigns[0, 1:] = rates.campaigns[variant] / len(kinds.campaigns)
    campaigns[0, 0] -= campaigns[0, 1:].sum()
    moves: Array = np.kron(changes, campaigns).T
    return moves


def _leaving(states: int, days: float) -> Array:
    """Each state but the first is left for the first after `days` on average: (from, to)."""
    moves = np.eye(states)
    moves[1:] *= 1 - 1 / days
    moves[1:, 0] += 1 / days
    return moves

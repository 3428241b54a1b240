"""The field's methods on a simulated province: a score of lag and of surge per run, unit and target.

They are given what the detector has to learn: the true working-day weights, and the bound all rates as well.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

from benchmarks.simulator import HOLIDAY, RATIO, Province, Setting
from services.notifier.detection.level_filter import LevelFilter, Rates
from services.notifier.detection.rates import SeriesDays
from services.notifier.detection.series import Pair
from shared.domain.calendar import WEEKDAY_WEIGHTS, Calendar

Array = NDArray[np.float64]
WEEK = 7
BASE_WEEKS, LEFT_OUT_WEEKS = 20, 4
LEAST_BASE_EVENTS = 5
FAR = 2.58
GLR_DAYS, GLR_BASE_DAYS = 30, 120
GLR_DISPERSION = 0.4
GLR_FACTORS = {"lag": (0.3, 0.4, 0.5), "surge": (2.0, 2.67, 4.0)}


class Panel(NamedTuple):
    """A province as arrays over pairs and days; `exposure` are effective days, or a ratio's denominators.

    `runs` are the runs' days, as numbers of days since the first.
    """

    pairs: list[Pair]
    counts: Array
    exposure: Array
    runs: NDArray[np.int64]
    first: int

    @property
    def ratio(self) -> NDArray[np.bool_]:
        """Which pairs are of the ratio target."""
        return np.array([target == RATIO for _, target in self.pairs])


class Scores(NamedTuple):
    """How much each pair looks like lagging and surging on each run: (run, pair)."""

    lag: Array
    surge: Array


def panel_of(province: Province, calendar: Calendar) -> Panel:
    """The arrays of a province."""
    history = province.history
    first, pairs = history.first.toordinal(), list(history.counts)
    days = [history.first.fromordinal(first + at) for at in range((history.last - history.first).days + 1)]
    week = np.array([HOLIDAY if calendar.is_holiday(day) else WEEKDAY_WEIGHTS[day.weekday()] for day in days])
    exposure = [history.denominators[pair].counts if pair[1] == RATIO else week for pair in pairs]
    runs = [day.toordinal() - first for day in calendar.working_days(province.judged_from, province.judged_until)]
    counts = np.array([history.counts[pair].counts for pair in pairs], dtype=float)
    return Panel(pairs, counts, np.array(exposure, dtype=float), np.array(runs), first)


def farrington(panel: Panel) -> Scores:
    """Farrington flexible without trend, on two weeks: Noufaily et al., Statist. Med. 32 (2013), 1206-1222.

    A quasi-Poisson level with exposure as offset, weeks far above it weighed down by their Anscombe residuals, and
    -log10 of the plug-in negative binomial tail of the last two weeks.
    """
    ends = np.array([end for end in range(2 * WEEK, panel.counts.shape[1] + 1) if (panel.first + end - 1) % WEEK == 0])
    counts, exposure = (_sums(values, ends, WEEK) for values in (panel.counts, panel.exposure))
    lag, surge = np.zeros_like(counts), np.zeros_like(counts)
    for at in range(BASE_WEEKS // 2 + LEFT_OUT_WEEKS, len(ends)):
        base = slice(max(0, at - LEFT_OUT_WEEKS - BASE_WEEKS), at - LEFT_OUT_WEEKS)
        known, of = counts[:, base], np.maximum(exposure[:, base], 0.05)
        level, spread = _level(known, of, np.ones_like(known))
        mean = level[:, None] * of
        residuals = 1.5 * (known ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * np.sqrt(spread[:, None]))
        weights = np.where(residuals > FAR, np.maximum(residuals, 1e-6) ** -2, 1.0)
        level, spread = _level(known, of, weights * weights.shape[1] / weights.sum(1, keepdims=True))
        now = slice(at - 1, at + 1)
        seen, mean = counts[:, now].sum(1), level * np.maximum(exposure[:, now].sum(1), 0.05)
        spread = np.maximum(spread, 1.0001)
        enough = known.sum(1) >= LEAST_BASE_EVENTS
        lag[:, at] = np.where(enough, -nbinom.logcdf(seen, mean / (spread - 1), 1 / spread) / np.log(10), 0)
        surge[:, at] = np.where(enough, -nbinom.logsf(seen - 1, mean / (spread - 1), 1 / spread) / np.log(10), 0)
    last = np.searchsorted(ends, panel.runs, side="right") - 1
    return Scores(lag[:, last].T, surge[:, last].T)


def _level(counts: Array, exposure: Array, weights: Array) -> tuple[Array, Array]:
    level = np.maximum((weights * counts).sum(1), 0.5) / (weights * exposure).sum(1)
    mean = level[:, None] * exposure
    spread = (weights * (counts - mean) ** 2 / mean).sum(1) / (counts.shape[1] - 1)
    return level, np.maximum(spread, 1.0)


def _sums(values: Array, ends: NDArray[np.int64], length: int) -> Array:
    sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    return np.asarray(sums[:, ends] - sums[:, ends - length])


def likelihood_ratio(panel: Panel) -> Scores:
    """Window-limited generalised likelihood ratio of negative binomial days, over the start and the factor of a change.

    Source: Lai, J. R. Statist. Soc. B 57 (1995), 613-658; the level before from the 120 days before the window.
    """
    scores: dict[str, list[Array]] = {"lag": [], "surge": []}
    for run in panel.runs:
        window, base = slice(run - GLR_DAYS, run), slice(max(0, run - GLR_DAYS - GLR_BASE_DAYS), run - GLR_DAYS)
        level = (panel.counts[:, base].sum(1) + 0.5) / np.maximum(panel.exposure[:, base].sum(1), 1e-9)
        mean = np.maximum(level[:, None] * panel.exposure[:, window], 1e-9)
        counts = panel.counts[:, window]
        for kind, factors in GLR_FACTORS.items():
            ratios = [
                counts * np.log(factor)
                - (counts + 1 / GLR_DISPERSION)
                * np.log((1 + GLR_DISPERSION * factor * mean) / (1 + GLR_DISPERSION * mean))
                for factor in factors
            ]
            scores[kind].append(np.cumsum(np.array(ratios)[..., ::-1], axis=2).max((0, 2)))
    return Scores(np.array(scores["lag"]), np.array(scores["surge"]))


def bound(panel: Panel, setting: Setting) -> Scores:
    """The filter alone with the rates of the simulation and without the comparison: what knowing them would bring."""
    lag, surge = np.zeros((2, len(panel.runs), len(panel.pairs)))
    for ratio in (False, True):
        of_kind = panel.ratio == ratio
        targets = np.unique([target for _, target in panel.pairs if (target == RATIO) == ratio], return_inverse=True)[1]
        days = SeriesDays(panel.counts[of_kind], panel.exposure[of_kind], targets, flows=ratio)
        dispersion = np.full((1, targets.max() + 1), 0.0005 if ratio else max(setting.dispersion, 0.01))
        changes = max(setting.changed_share, 0.01) / 2 / setting.judged_days
        rates = Rates(dispersion, np.array([setting.drift]), np.array([setting.campaigns / 30]), changes)
        levels = LevelFilter(days.likelihood(dispersion), targets, rates)
        for at, run in enumerate(panel.runs):
            levels.take(int(run))
            lag[at, of_kind], surge[at, of_kind] = levels.chances()
    return Scores(lag, surge)

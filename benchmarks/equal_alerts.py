"""Thresholds for a method's scores at which it raises as many false alerts as another did."""

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.references import Array, Panel, Scores
from benchmarks.scoring import Raised, Score, joined
from benchmarks.simulator import Province, Setting
from shared.contracts.flags import Direction

SPLITS = (0.35, 0.5, 0.65)
"""Shares of the false alerts that may be lags; the one with the best recall is taken."""


def scored_at_equal(
    setting: Setting, provinces: Sequence[Province], panels: Sequence[Panel], scores: Sequence[Scores], false: float
) -> list[Score]:
    """Each province's score with `false` alerts a unit-month, thresholds chosen on these very provinces."""
    best: list[Score] = []
    for split in SPLITS:
        limits = {
            kind: _threshold(setting, provinces, panels, scores, kind, share * false)
            for kind, share in (("lag", split), ("surge", 1 - split))
        }
        found = [_score(setting, *each, limits) for each in zip(provinces, panels, scores, strict=True)]
        if not best or (joined(found).recall() or 0) > (joined(best).recall() or 0):
            best = found
    return best


def _threshold(
    setting: Setting,
    provinces: Sequence[Province],
    panels: Sequence[Panel],
    scores: Sequence[Scores],
    kind: str,
    false: float,
) -> float:
    """The lowest of the values tried at which alerts of one kind are no more than `false` a unit-month."""
    values = np.concatenate([getattr(each, kind).ravel() for each in scores])
    tried = np.quantile(values, 1 - np.logspace(-5.5, -0.5, 2**9))
    low, high = 0, len(tried) - 1
    while low < high:
        middle = (low + high + 1) // 2
        whole = joined(
            _score(setting, *each, {kind: float(tried[middle])}) for each in zip(provinces, panels, scores, strict=True)
        )
        if whole.false / whole.unit_months <= false:
            low = middle
        else:
            high = middle - 1
    return float(tried[low])


def _score(setting: Setting, province: Province, panel: Panel, scores: Scores, limits: dict[str, float]) -> Score:
    score = Score()
    score.add(province, setting, list(_alerts(panel, scores, limits)))
    return score


def _alerts(panel: Panel, scores: Scores, limits: dict[str, float]) -> Iterator[Raised]:
    """One alert a month for each pair and kind, on the first run over the limit."""
    days = [dt.date.fromordinal(panel.first + int(run)) for run in panel.runs]
    months = np.array([day.year * 12 + day.month for day in days])
    kinds: tuple[Direction, ...] = ("lag", "surge")
    for kind in kinds:
        if kind not in limits:
            continue
        over: Array = getattr(scores, kind) >= limits[kind]
        for month in np.unique(months):
            runs = np.flatnonzero(months == month)
            first = np.argmax(over[runs], axis=0)
            for pair in np.flatnonzero(over[runs].any(axis=0)):
                yield Raised(days[runs[first[pair]]], *panel.pairs[pair], kind)

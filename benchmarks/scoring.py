"""How well alerts match the changes known to be there."""

import datetime as dt
import random
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.simulator import Change, Province, Setting
from shared.contracts.flags import Direction

LEAST_BEFORE = 20
MANY_BEFORE = 60
GRACE = dt.timedelta(days=7)
DAYS_A_MONTH = 30.4


class Raised(NamedTuple):
    """One alert; a notice to the whole province has no unit."""

    day: dt.date
    unit: str | None
    target: int
    kind: Direction


class Outcome(NamedTuple):
    """A known change, and the days it took to be found (None: never)."""

    change: Change
    days: int | None


@dataclass
class Score:
    """What is counted over any number of provinces."""

    unit_months: float = 0
    false: int = 0
    false_lags: int = 0
    notices: int = 0
    untouched: int = 0
    untouched_flagged: int = 0
    outcomes: list[Outcome] = field(default_factory=list)

    def add(
        self, province: Province, setting: Setting, alerts: Iterable[Raised], units: Collection[str] | None = None
    ) -> None:
        """Count one province's alerts; of `units` alone where they are given, and of all units otherwise.

        A change is found by an alert of its direction from its first day to a week after its last. Every other
        alert to a unit is false, that of the fall after a surge included.
        """
        judged = {unit for unit, _ in province.history.counts} if units is None else set(units)
        changes = {(one.unit, one.target): one for one in province.changes if one.unit in judged}
        found: dict[tuple[str, int], dt.date] = {}
        flagged = set()
        for alert in sorted(alerts, key=lambda one: one.day):
            if alert.unit is None:
                self.notices += 1
                continue
            if alert.unit not in judged:
                continue
            pair = alert.unit, alert.target
            change = changes.get(pair)
            if change and change.kind == alert.kind and change.start <= alert.day <= change.end + GRACE:
                found.setdefault(pair, alert.day)
                continue
            self.false += 1
            self.false_lags += alert.kind == "lag"
            if change is None:
                flagged.add(pair)
        self.unit_months += len(judged) * setting.judged_days / DAYS_A_MONTH
        self.untouched += sum(unit in judged for unit, _ in province.history.counts) - len(changes)
        self.untouched_flagged += len(flagged)
        self.outcomes += [
            Outcome(one, (found[pair] - one.start).days if pair in found else None) for pair, one in changes.items()
        ]

    def recall(self, kind: Direction | None = None, least: int = LEAST_BEFORE, most: int | None = None) -> float | None:
        """The share found of the changes with `least` to below `most` events in the 30 days before."""
        hits = [
            one.days is not None
            for one in self.outcomes
            if (kind in (None, one.change.kind))
            and one.change.before >= least
            and (most is None or one.change.before < most)
        ]
        return sum(hits) / len(hits) if hits else None

    def mean_days(self) -> float | None:
        """Days from the change to its alert, over the changes found."""
        took = [one.days for one in self.outcomes if one.days is not None]
        return sum(took) / len(took) if took else None


RESAMPLES = 1000


def interval(scores: Sequence[Score], measure: Callable[[Score], float | None]) -> tuple[float, float] | None:
    """The 95 % bootstrap interval of a measure over provinces; `scores` has one score a province."""
    rng = random.Random(1)
    values = []
    for _ in range(RESAMPLES):
        value = measure(joined(rng.choices(scores, k=len(scores))))
        if value is not None:
            values.append(value)
    if not values:
        return None
    values.sort()
    return values[int(0.025 * len(values))], values[int(0.975 * len(values))]


def joined(scores: Iterable[Score]) -> Score:
    """The score of several provinces together."""
    whole = Score()
    for score in scores:
        whole.unit_months += score.unit_months
        whole.false += score.false
        whole.false_lags += score.false_lags
        whole.notices += score.notices
        whole.untouched += score.untouched
        whole.untouched_flagged += score.untouched_flagged
        whole.outcomes = whole.outcomes + score.outcomes
    return whole

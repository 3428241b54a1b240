"""How well alerts match the changes known to be there."""

import datetime as dt
from collections.abc import Iterable
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
    notices: int = 0
    untouched: int = 0
    untouched_flagged: int = 0
    outcomes: list[Outcome] = field(default_factory=list)

    def add(self, province: Province, setting: Setting, alerts: Iterable[Raised]) -> None:
        """Count one province's alerts.

        A change is found by an alert of its direction from its first day to a week after its last. Every other
        alert to a unit is false, that of the fall after a surge included.
        """
        changes = {(one.unit, one.target): one for one in province.changes}
        found: dict[tuple[str, int], dt.date] = {}
        flagged = set()
        for alert in sorted(alerts, key=lambda one: one.day):
            if alert.unit is None:
                self.notices += 1
                continue
            pair = alert.unit, alert.target
            change = changes.get(pair)
            if change and change.kind == alert.kind and change.start <= alert.day <= change.end + GRACE:
                found.setdefault(pair, alert.day)
                continue
            self.false += 1
            if change is None:
                flagged.add(pair)
        self.unit_months += setting.units * setting.judged_days / DAYS_A_MONTH
        self.untouched += len(province.history.counts) - len(changes)
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

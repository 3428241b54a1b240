"""The plain rule beside the method: month to date against the same day of last month, -30 % or +50 %."""

import datetime as dt
from collections.abc import Iterator

from benchmarks.scoring import Raised
from benchmarks.simulator import Province
from shared.contracts.flags import Direction
from shared.domain.calendar import Calendar
from shared.domain.months import month_before

LAG = 0.7
SURGE = 1.5


def plain_alerts(province: Province, calendar: Calendar) -> Iterator[Raised]:
    """The rule's alerts, one per unit, target and direction in a calendar month, on working days."""
    seen = set()
    for day in calendar.working_days(province.judged_from, province.judged_until):
        for unit, target in province.history.counts:
            ratio = _ratio(province, (unit, target), day - dt.timedelta(days=1))
            kind: Direction | None = (
                None if ratio is None else "lag" if ratio <= LAG else "surge" if ratio >= SURGE else None
            )
            key = unit, target, kind, day.replace(day=1)
            if kind and key not in seen:
                seen.add(key)
                yield Raised(day, unit, target, kind)


def _ratio(province: Province, pair: tuple[str, int], until: dt.date) -> float | None:
    before = month_before(until)
    counts, of = province.history.counts[pair], province.history.denominators.get(pair)
    spans = [(one.replace(day=1).toordinal(), one.toordinal()) for one in (until, before)]
    now, then = (counts.total(*span) for span in spans)
    if of:
        of_now, of_then = (of.total(*span) for span in spans)
        return now * of_then / (of_now * then) if of_now and then else None
    return now / then if then else None

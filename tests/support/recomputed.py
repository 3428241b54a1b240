"""Numbers of flags and letters, worked out from the daily counts alone; shares no code with the detector."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from shared.domain.calendar import Calendar

PRIOR = (1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.1)
LEARNED, SEARCHED, PRIOR_EVENTS, LEAST_EXPECTED = 56, 84, 200, 10

Series = Mapping[dt.date, int]
"""Day -> count."""


def total(series: Series, since: dt.date, until: dt.date) -> int:
    return sum(series.get(day, 0) for day in days(since, until))


def days(since: dt.date, until: dt.date) -> Iterator[dt.date]:
    for number in range((until - since).days + 1):
        yield since + dt.timedelta(days=number)


@dataclass(frozen=True)
class TwoMonths:
    """Every unit's days of one target, and two whole months that are compared.

    `counts` are numerators of a ratio; `flows`: the target is a ratio of what came in.
    """

    counts: Mapping[str, Series]
    denominators: Mapping[str, Series]
    flows: bool
    before: tuple[dt.date, dt.date]
    now: tuple[dt.date, dt.date]
    calendar: Calendar

    @cached_property
    def pace(self) -> float:
        """The later month's effective days for one of the earlier month's, learned before the month after."""
        after = self.now[1] + dt.timedelta(days=1)
        span = effective(self.denominators if self.flows else self.counts, self.calendar, after)
        return span(*self.now) / span(*self.before)

    def done(self, unit: str) -> tuple[int, int]:
        """The counts of the earlier and the later month."""
        return total(self.counts[unit], *self.before), total(self.counts[unit], *self.now)

    def came(self, unit: str) -> tuple[int, int]:
        """The denominators that came in the earlier and the later month."""
        return total(self.denominators[unit], *self.before), total(self.denominators[unit], *self.now)

    def compared(self, unit: str) -> tuple[float, float, float]:
        """What the earlier month had, what its pace gives for the later one, and what the later one had."""
        before, now = self.done(unit)
        if not self.flows:
            return before, before * self.pace, now
        of_before, of_now = self.came(unit)
        return before / of_before, before / of_before, now / of_now

    @cached_property
    def factor(self) -> float:
        """The units' common change."""
        ratios = []
        for unit in self.counts:
            _, expected, now = self.compared(unit)
            weight = self.came(unit)[1] if self.flows else 1
            if expected * weight >= LEAST_EXPECTED:
                ratios.append(now / expected)
        return common_factor(ratios)


def effective(daily: Mapping[str, Series], calendar: Calendar, month: dt.date) -> Callable[[dt.date, dt.date], float]:
    """Working-day weights learned from the days before `month`, summed over any days."""
    searched = list(days(month - dt.timedelta(days=SEARCHED), month - dt.timedelta(days=1)))
    learned = [day for day in searched if not calendar.is_holiday(day)][-LEARNED:]
    pooled = {day: sum(series.get(day, 0) for series in daily.values()) for day in learned}
    means = []
    for weekday in range(7):
        on = [pooled[day] for day in learned if calendar.counts_as(day) == weekday]
        means.append(sum(on) / len(on) if on else 0.0)
    ordinary, events = sum(means[:5]) / 5, sum(pooled.values())
    share = events / (events + PRIOR_EVENTS)
    weights = [
        share * mean / ordinary + (1 - share) * prior if ordinary else prior
        for mean, prior in zip(means, PRIOR, strict=True)
    ]
    return lambda since, until: sum(weights[calendar.counts_as(day)] for day in days(since, until))


def common_factor(ratios: list[float]) -> float:
    """The units' common change: their median, where six or more have one and it is beyond a quarter."""
    if len(ratios) < 6:
        return 1.0
    factor: float = max(0.05, median(ratios))
    return factor if factor > 1.25 or factor < 1 / 1.25 else 1.0


def half_up(value: float, digits: int = 0) -> float:
    """Rounded half up, as printed."""
    scale: float = 10**digits
    rounded = int(abs(value) * scale + 0.5 + 1e-9) / scale
    return rounded if value >= 0 else -rounded


def numbers_in(text: str) -> list[float]:
    """Every number of a Vietnamese text, thousands by points and decimals by a comma."""
    found: list[float] = []
    for word in text.replace("\u00a0", " ").replace("(", " ").replace(")", " ").replace("/", " / ").split():
        bare = word.rstrip(".;:,").replace(".", "").replace(",", ".")
        if bare.replace(".", "", 1).isdigit():
            found.append(float(bare))
    return found


def vietnamese(number: float) -> str:
    """A number as a Vietnamese text prints it, with a decimal where it has one."""
    text = f"{number:,.1f}" if number != int(number) else f"{int(number):,}"
    return text.translate(str.maketrans(",.", ".,"))

"""What a digest contains: the flags that stand, those that are news, those that are over. Pure.

`day` is the day a digest is for; its figures are the state at the first moment of that day. `since` is the
first day whose news it has: the day after the digest before it. A digest without news is not sent. Digests are due
once per working day, at 07:30 in the province.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shared.contracts.flags import Flag, RateSplit, Verdict, ranked
from shared.domain.catalogue import Unit
from shared.domain.clock import LOCAL

AT = dt.time(7, 30)

IsWorkingDay = Callable[[dt.date], bool]


@dataclass(frozen=True, slots=True)
class News:
    """Flags of one unit, or the province-wide ones: those that stand, ranked, and those that are over.

    `standing` were raised from `since` on, or were in an earlier digest. `resolved` were in an earlier digest, and no
    flag of the same target stands: a flag followed by another is one story.
    """

    since: dt.date
    standing: tuple[Flag, ...]
    resolved: tuple[Flag, ...]

    @property
    def is_new(self) -> bool:
        """Whether there is something to write about."""
        return bool(self.resolved) or any(flag.raised_on >= self.since for flag in self.standing)

    @property
    def is_quiet(self) -> bool:
        """Whether there is no flag at all."""
        return not (self.standing or self.resolved)


@dataclass(frozen=True, slots=True)
class UnitDigest:
    """What the leader of `unit` reads. `diluted`: rates that fell, which is no lag."""

    unit: Unit
    day: dt.date
    news: News
    diluted: tuple[tuple[Verdict, RateSplit], ...]


@dataclass(frozen=True, slots=True)
class OfficeOverview:
    """What the office reads: province-wide notices, units with flags (most urgent first), quiet and silent ones."""

    day: dt.date
    province: News
    units: tuple[tuple[Unit, News], ...]
    quiet: tuple[Unit, ...]
    silent: tuple[Unit, ...]


def unit_digest(
    unit: Unit, flags: Iterable[Flag], verdicts: Iterable[Verdict], since: dt.date, day: dt.date
) -> UnitDigest | None:
    """The digest of `unit` for `day`, or None when there is no news. Flags of other units are left out."""
    news = news_of(unit.code, flags, since, day)
    if not news.is_new:
        return None
    own = sorted((verdict for verdict in verdicts if verdict.unit == unit.code), key=lambda v: v.target)
    diluted = tuple((verdict, verdict.split) for verdict in own if verdict.diluted and verdict.split)
    return UnitDigest(unit, day, news, diluted)


def overview(
    units: Iterable[Unit], flags: Iterable[Flag], verdicts: Iterable[Verdict], since: dt.date, day: dt.date
) -> OfficeOverview | None:
    """The office's overview of `units` for `day`, or None when nothing is news, for a unit or for all."""
    flags, verdicts = tuple(flags), tuple(verdicts)
    news_by_unit = [(unit, news_of(unit.code, flags, since, day)) for unit in units]
    province = news_of(None, flags, since, day)
    if not province.is_new and not any(news.is_new for _, news in news_by_unit):
        return None
    quiet = [unit for unit, news in news_by_unit if news.is_quiet]
    silent = {unit.code for unit in quiet if _is_silent(unit, verdicts)}
    return OfficeOverview(
        day=day,
        province=province,
        units=tuple(sorted(((unit, news) for unit, news in news_by_unit if not news.is_quiet), key=_urgency)),
        quiet=tuple(unit for unit in quiet if unit.code not in silent),
        silent=tuple(unit for unit in quiet if unit.code in silent),
    )


def news_of(unit: str | None, flags: Iterable[Flag], since: dt.date, day: dt.date) -> News:
    """The flags of `unit` (None: province-wide) as `day` sees them."""
    known = [flag for flag in flags if flag.unit == unit and flag.raised_on <= day]
    standing = ranked(flag for flag in known if flag.cleared_on is None or flag.cleared_on > day)
    targets = {flag.target for flag in standing}
    over = [flag for flag in known if flag.cleared_on and since <= flag.cleared_on <= day and flag.raised_on < since]
    last = {flag.target: flag for flag in sorted(over, key=lambda flag: flag.raised_on)}
    return News(
        since,
        standing=tuple(standing),
        resolved=tuple(last[target] for target in sorted(last.keys() - targets)),
    )


def _urgency(entry: tuple[Unit, News]) -> tuple[float, int]:
    """By the severity of the worst lag, then by the number of flags."""
    lags = [flag.verdict.severity for flag in entry[1].standing if flag.direction == "lag"]
    return -max(lags, default=-1.0), -len(entry[1].standing)


def _is_silent(unit: Unit, verdicts: Iterable[Verdict]) -> bool:
    states = [verdict.state for verdict in verdicts if verdict.unit == unit.code]
    return bool(states) and all(state == "silent" for state in states)


def digest_due(now: dt.datetime, is_working_day: IsWorkingDay, last: dt.date | None) -> dt.date | None:
    """The day whose digests are to be recorded at `now`; None before 07:30, on a day off, or when `last` is
    today.

    A notifier that was away at 07:30 catches up later the same day; a day it missed altogether is part of
    the next digest, for that one's news begin where the last one's ended.
    """
    local = now.astimezone(LOCAL)
    today = local.date()
    if local.time() < AT or not is_working_day(today) or (last is not None and last >= today):
        return None
    return today

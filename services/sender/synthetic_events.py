"""Synthetic events: one CloudEvent for each thing the figures count, the same from the same seed.

Times are spread over days by working-day weight, and over the hours in which offices work.
"""

import datetime as dt
import hashlib
import random
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from services.sender.batches import Event
from services.sender.cumulative_counts import MEASURES, CumulativeCounts
from shared.domain.calendar import WEEKDAY_WEIGHTS

SOURCE = "urn:dean5299:reporting"
TYPE_PREFIX = "vn.gov.binhdinh.dean5299."
SEED = 434

_PARTS_OF_OTHERS = ("member_dossiers_online",)

Moment = int
"""Milliseconds since 1970-01-01T00:00 on the clock of Asia/Ho_Chi_Minh, which has had one offset since 1975."""

OFFSET = "+07:00"

_DAY = 86_400_000
_OPENING = 7 * 3_600_000
_BEFORE_BREAK = 9 * 1_800_000  # 07:00-11:30
_BREAK = 2 * 3_600_000  # 11:30-13:30
_WORK = 8 * 3_600_000  # and 13:30-17:00
_EPOCH = dt.date(1970, 1, 1)

_HOLIDAY_WEIGHT = WEEKDAY_WEIGHTS[6]
_HOLIDAYS = frozenset(
    [
        dt.date(2023, 1, 2),  # New Year's Day fell on a Sunday
        *(dt.date(2023, 1, day) for day in range(20, 27)),  # Tet
        dt.date(2023, 4, 29),  # Hung Kings' Day
        *(dt.date(2023, 5, day) for day in (1, 2, 3)),  # Labour Day, and two days for the lost weekend
    ]
)
"""The public holidays of January to June 2023 as they were taken; other years' days weigh by weekday alone."""

_Draft = tuple[Moment, str, str, dict[str, Any] | None]
"""When, subject, type without its prefix, data."""


def count_events(cumulative: CumulativeCounts) -> int:
    """How many events `make_events` yields."""
    return sum(counts[-1] for (measure, _), counts in cumulative.counts.items() if measure not in _PARTS_OF_OTHERS)


def make_events(cumulative: CumulativeCounts, seed: int = SEED) -> Iterator[Event]:
    """Every event behind `cumulative`, in order of time.

    Counted by the rules of the project, they give `cumulative` back at each of its dates. Each measure and unit
    draws from a generator of its own, so that another unit's figures never move this unit's events.
    """
    drafts = sorted(draft for unit in cumulative.units for draft in _unit_drafts(cumulative, unit, seed))
    name = hashlib.sha256(f"{cumulative.digest()}/{seed}".encode()).hexdigest()[:16]
    for number, (moment, subject, event_type, data) in enumerate(drafts):
        event: Event = {
            "specversion": "1.0",
            "id": f"{name}-{number:07d}",
            "source": SOURCE,
            "type": TYPE_PREFIX + event_type,
            "subject": subject,
            "time": rfc3339(moment),
        }
        if data is not None:
            event |= {"datacontenttype": "application/json", "data": dict(data)}
        yield event


def _unit_drafts(cumulative: CumulativeCounts, unit: str, seed: int) -> Iterator[_Draft]:
    moments = {
        measure: spread(_generator(seed, measure, unit), cumulative.increases(measure, unit), cumulative.as_of)
        for measure in MEASURES
        if measure != "member_dossiers"
    }
    yield from _accounts(unit, moments, _generator(seed, "holders of transactions", unit))
    counter = [
        total - online
        for total, online in zip(
            cumulative.increases("member_dossiers", unit),
            cumulative.increases("member_dossiers_online", unit),
            strict=True,
        )
    ]
    at_counter = spread(_generator(seed, "member_dossiers", unit), counter, cumulative.as_of)
    yield from _dossiers(unit, "DV", moments["member_dossiers_online"], "member", "online", supported=False)
    yield from _dossiers(unit, "DT", at_counter, "member", "counter", supported=False)
    yield from _dossiers(unit, "ND", moments["supported_dossiers"], "resident", "online", supported=True)
    for number, moment in enumerate(moments["articles"], start=1):
        address = f"https://{unit}.dean5299.example.vn/tin-bai/{number}"
        yield moment, address, "article.published", {"unit": unit}
    for number, moment in enumerate(moments["households"], start=1):
        yield moment, f"HO-{unit}-{number:05d}", "household.informed", {"unit": unit}


def _accounts(unit: str, moments: dict[str, list[Moment]], rng: random.Random) -> Iterator[_Draft]:
    openings: list[tuple[Moment, str]] = []
    for holder in ("member", "resident"):
        for number, moment in enumerate(moments[f"{holder}_accounts"], start=1):
            subject = f"TK-{unit}-{holder[0].upper()}{number:05d}"
            openings.append((moment, subject))
            yield moment, subject, "account.opened", {"unit": unit, "holder": holder}
    openings.sort()
    for moment, subject in _transactions(openings, moments["transacted_accounts"], rng):
        yield moment, subject, "account.transacted", None


def _transactions(
    openings: list[tuple[Moment, str]], moments: list[Moment], rng: random.Random
) -> Iterator[tuple[Moment, str]]:
    """Give each moment an account opened before it that has had no transaction yet.

    Where all have had one, the next account to open transacts later on the day it opens. As at each date of the
    figures no more accounts have transacted than were opened, no transaction leaves its period.
    """
    opened: list[str] = []
    waiting = 0
    wanted = [(at, None) for at in moments]
    for at, subject in sorted([*wanted, *openings], key=lambda arrival: (arrival[0], arrival[1] is not None)):
        if subject is not None and waiting:
            waiting -= 1
            yield later_that_day(rng, at), subject
        elif subject is not None:
            opened.append(subject)
        elif opened:
            chosen = rng.randrange(len(opened))
            opened[chosen], opened[-1] = opened[-1], opened[chosen]
            yield at, opened.pop()
        else:
            waiting += 1


def _dossiers(
    unit: str, prefix: str, moments: list[Moment], filer: str, channel: str, *, supported: bool
) -> Iterator[_Draft]:
    data = {"unit": unit, "filer": filer, "channel": channel, "supported": supported}
    for number, moment in enumerate(moments, start=1):
        yield moment, f"HS-{unit}-{prefix}{number:05d}", "dossier.filed", data


def _generator(seed: int, what: str, unit: str) -> random.Random:
    return random.Random(f"{seed}/{what}/{unit}")  # noqa: S311 - repeatable on purpose, nothing secret


def weight(day: dt.date) -> float:
    """How much of a working day's work is done on `day`."""
    return _HOLIDAY_WEIGHT if day in _HOLIDAYS else WEEKDAY_WEIGHTS[day.weekday()]


def spread(rng: random.Random, increases: Sequence[int], ends: Sequence[dt.date]) -> list[Moment]:
    """Draw `increases[i]` moments in the period before `ends[i]`, in order of time.

    A period begins where the one before it ends; the first on 1 January of its end's year.
    """
    moments: list[Moment] = []
    start = ends[0].replace(month=1, day=1)
    for count, end in zip(increases, ends, strict=True):
        days = list(_days(start, end))
        weights = list(accumulate(weight(day) for day in days))
        chosen = rng.choices(days, cum_weights=weights, k=count) if count else []
        moments += sorted((day - _EPOCH).days * _DAY + _clock(int(rng.random() * (_WORK - 1))) for day in chosen)
        start = end
    return moments


def later_that_day(rng: random.Random, moment: Moment) -> Moment:
    """A moment strictly after `moment`, no later than the offices close."""
    since_opening = moment % _DAY - _OPENING
    worked = since_opening - (_BREAK if since_opening >= _BEFORE_BREAK else 0)
    return moment - moment % _DAY + _clock(rng.randint(worked + 1, _WORK))


def rfc3339(moment: Moment) -> str:
    """`moment` as a CloudEvents `time`: 2023-06-30T16:59:59.123+07:00."""
    return dt.datetime.fromtimestamp(moment / 1000, dt.UTC).isoformat(timespec="milliseconds")[:-6] + OFFSET


def _days(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    for number in range((end - start).days):
        yield start + dt.timedelta(days=number)


def _clock(worked: int) -> int:
    """Milliseconds after midnight at which `worked` milliseconds of the working day have passed."""
    return _OPENING + worked + (_BREAK if worked >= _BEFORE_BREAK else 0)

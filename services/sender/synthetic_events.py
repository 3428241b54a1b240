"""Figures as events: one CloudEvent for each thing they count, the same from the same seed."""

import hashlib
import random
from collections.abc import Iterator
from typing import Any

from services.sender.batches import Event
from services.sender.figures_csv import MEASURES, Figures
from services.sender.synthetic_times import Moment, later_that_day, rfc3339, spread

SOURCE = "urn:dean5299:reporting"
TYPE_PREFIX = "vn.gov.binhdinh.dean5299."
SEED = 434

_PARTS_OF_OTHERS = ("member_dossiers_online",)

_Fact = tuple[Moment, str, str, dict[str, Any] | None]
"""When, subject, type without its prefix, data."""


def count_events(figures: Figures) -> int:
    """How many events `make_events` yields."""
    return sum(counts[-1] for (measure, _), counts in figures.cumulative.items() if measure not in _PARTS_OF_OTHERS)


def make_events(figures: Figures, seed: int = SEED) -> Iterator[Event]:
    """Every event behind `figures`, in order of time.

    Counted by the rules of the project, they give `figures` back at each of its dates. Each measure and unit
    draws from a generator of its own, so that another unit's figures never move this unit's events.
    """
    facts = sorted(fact for unit in figures.units for fact in _unit_facts(figures, unit, seed))
    name = hashlib.sha256(f"{figures.digest()}/{seed}".encode()).hexdigest()[:16]
    for number, (moment, subject, kind, data) in enumerate(facts):
        event: Event = {
            "specversion": "1.0",
            "id": f"{name}-{number:07d}",
            "source": SOURCE,
            "type": TYPE_PREFIX + kind,
            "subject": subject,
            "time": rfc3339(moment),
        }
        if data is not None:
            event |= {"datacontenttype": "application/json", "data": dict(data)}
        yield event


def _unit_facts(figures: Figures, unit: str, seed: int) -> Iterator[_Fact]:
    drawn = {
        measure: spread(_generator(seed, measure, unit), figures.increases(measure, unit), figures.as_of)
        for measure in MEASURES
        if measure != "member_dossiers"
    }
    yield from _accounts(unit, drawn, _generator(seed, "holders of transactions", unit))
    counter = [
        total - online
        for total, online in zip(
            figures.increases("member_dossiers", unit),
            figures.increases("member_dossiers_online", unit),
            strict=True,
        )
    ]
    at_counter = spread(_generator(seed, "member_dossiers", unit), counter, figures.as_of)
    yield from _dossiers(unit, "DV", drawn["member_dossiers_online"], "member", "online", supported=False)
    yield from _dossiers(unit, "DT", at_counter, "member", "counter", supported=False)
    yield from _dossiers(unit, "ND", drawn["supported_dossiers"], "resident", "online", supported=True)
    for number, moment in enumerate(drawn["articles"], start=1):
        address = f"https://{unit}.dean5299.example.vn/tin-bai/{number}"
        yield moment, address, "article.published", {"unit": unit}
    for number, moment in enumerate(drawn["households"], start=1):
        yield moment, f"HO-{unit}-{number:05d}", "household.informed", {"unit": unit}


def _accounts(unit: str, drawn: dict[str, list[Moment]], rng: random.Random) -> Iterator[_Fact]:
    openings: list[tuple[Moment, str]] = []
    for holder in ("member", "resident"):
        for number, moment in enumerate(drawn[f"{holder}_accounts"], start=1):
            subject = f"TK-{unit}-{holder[0].upper()}{number:05d}"
            openings.append((moment, subject))
            yield moment, subject, "account.opened", {"unit": unit, "holder": holder}
    openings.sort()
    for moment, subject in _transactions(openings, drawn["transacted_accounts"], rng):
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
) -> Iterator[_Fact]:
    data = {"unit": unit, "filer": filer, "channel": channel, "supported": supported}
    for number, moment in enumerate(moments, start=1):
        yield moment, f"HS-{unit}-{prefix}{number:05d}", "dossier.filed", data


def _generator(seed: int, what: str, unit: str) -> random.Random:
    return random.Random(f"{seed}/{what}/{unit}")  # noqa: S311 - repeatable on purpose, nothing secret

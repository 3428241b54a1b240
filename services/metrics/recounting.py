"""Reads the log itself: the figures it gives up to known positions, and what came after them for an earlier day."""

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence

from services.metrics.counting import Deltas, Events, Rules, States
from services.metrics.ledger import START, Ledger, order
from services.metrics.merging import Mark
from services.metrics.series import Series
from shared.clock import day_number, day_of, number_of
from shared.facts import BadEntryError, Entry, unpack_entry
from shared.progress import LateEvent

PAGE = 500


async def late_events(
    ledgers: Sequence[Ledger], positions: Mapping[str, str], as_of: dt.date, limit: int
) -> list[LateEvent]:
    """At most `limit` events after `positions` (log -> entry id) whose day is before `as_of`."""
    found: list[LateEvent] = []
    for ledger in ledgers:
        async for entry_id, entry in _entries(ledger, positions.get(ledger.key, START), await ledger.last_id()):
            for shape, entity, time, event_id in entry.facts():
                if day_number(time) < number_of(as_of):
                    found.append(
                        LateEvent(
                            log=ledger.key,
                            entry=entry_id,
                            type=shape.type,
                            role=shape.role,
                            id=event_id,
                            entity=entity.hex(),
                            day=day_of(day_number(time)),
                        )
                    )
                    if len(found) == limit:
                        return found
    return found


async def recount(ledgers: Sequence[Ledger], positions: Mapping[str, str], rules: Rules) -> dict[str, Series]:
    """The series the log gives when counted afresh up to `positions`; nothing that is kept is looked at."""
    series: dict[str, Series] = {}
    for ledger in ledgers:
        for (cell, day), change in (await _recount_one(ledger, positions.get(ledger.key, START), rules)).items():
            series.setdefault(cell, Series()).add(day, change)
    return series


async def _recount_one(ledger: Ledger, until: str, rules: Rules) -> Deltas:
    events: Events = {}
    async for _, entry in _entries(ledger, START, until):
        for shape, entity, time, event_id in entry.facts():
            reading = rules.read(shape)
            if reading is not None:
                mark = Mark(time, event_id, reading.values)
                events.setdefault(reading.track, {}).setdefault(entity, []).append((reading.part, mark))
    before: States = {}
    _, deltas = rules.count(events, before)
    return deltas


async def _entries(ledger: Ledger, after: str, until: str) -> AsyncIterator[tuple[str, Entry]]:
    while order(after) < order(until):
        page = await ledger.entries(after, until, PAGE)
        if not page:
            return
        for logged in page:
            try:
                yield logged.id, unpack_entry(logged.packed)
            except BadEntryError:
                continue
        after = page[-1].id

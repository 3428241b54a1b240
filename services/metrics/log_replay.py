"""Reads the log itself: the figures it gives up to known positions, and what came after them for an earlier day."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import NamedTuple

from services.metrics.counting import Deltas, Events, Rules, States, Track
from services.metrics.day_series import Series
from services.metrics.entity_state import Mark, Part
from services.metrics.partition_store import START, LogEntry, RedisPartitionStore, order
from shared.contracts.months import LateEvent
from shared.domain.clock import day_number, day_of, number_of
from shared.log.codec import BadEntryError, UnpackedEntry, unpack_entry

PAGE = 500


class _Fact(NamedTuple):
    """An event in the log. `track`: None for a type the catalogue does not know; `begins`: it opens its entity."""

    late: LateEvent
    number: int
    entity: bytes
    track: Track | None
    begins: bool


async def late_events(
    ledgers: Sequence[RedisPartitionStore], positions: Mapping[str, str], as_of: dt.date, rules: Rules, limit: int
) -> list[LateEvent]:
    """At most `limit` events after `positions` (log -> entry id) that bear on the days before `as_of`.

    Those are the events of such days, and every opening of what first began on such a day, whatever its own day: the
    latest opening says where an entity counts, and one after its end revives it.
    """
    found: list[LateEvent] = []
    for ledger in ledgers:
        async for page in _pages(ledger, positions.get(ledger.key, START), await ledger.last_id()):
            facts = [fact for entry_id, entry in page for fact in _facts(ledger.key, entry_id, entry, rules)]
            found += [fact.late for fact in await _bearing(ledger, facts, number_of(as_of))]
            if len(found) >= limit:
                return found[:limit]
    return found


def _facts(log: str, entry_id: str, entry: UnpackedEntry, rules: Rules) -> Iterator[_Fact]:
    for shape, entity, time, event_id in entry.events():
        reading = rules.read(shape)
        late = LateEvent(
            log=log,
            entry=entry_id,
            type=shape.type,
            role=shape.role,
            id=event_id,
            entity=entity.hex(),
            day=day_of(day_number(time)),
        )
        begins = reading is not None and reading.part is Part.BEGIN
        yield _Fact(late, day_number(time), entity, reading and reading.track, begins)


async def _bearing(ledger: RedisPartitionStore, facts: Sequence[_Fact], day: int) -> list[_Fact]:
    """Those of `facts` that bear on the days before `day` (a day number)."""
    opened: dict[Track, list[bytes]] = {}
    for fact in facts:
        if fact.begins and fact.track and fact.number >= day:
            opened.setdefault(fact.track, []).append(fact.entity)
    _, states = await ledger.read(opened)
    began = {
        (track, entity)
        for track, entities in states.items()
        for entity, state in entities.items()
        if state.first is not None and day_number(state.first) < day
    }
    return [fact for fact in facts if fact.number < day or (fact.begins and (fact.track, fact.entity) in began)]


async def recount(
    ledgers: Sequence[RedisPartitionStore], positions: Mapping[str, str], rules: Rules
) -> dict[str, Series]:
    """The series the log gives when counted afresh up to `positions`; nothing that is kept is looked at."""
    series: dict[str, Series] = {}
    for ledger in ledgers:
        for (cell, day), change in (await _recount_one(ledger, positions.get(ledger.key, START), rules)).items():
            series.setdefault(cell, Series()).add(day, change)
    return series


async def _recount_one(ledger: RedisPartitionStore, until: str, rules: Rules) -> Deltas:
    events: Events = {}
    async for _, entry in _entries(ledger, START, until):
        for shape, entity, time, event_id in entry.events():
            reading = rules.read(shape)
            if reading is not None:
                mark = Mark(time, event_id, reading.values)
                events.setdefault(reading.track, {}).setdefault(entity, []).append((reading.part, mark))
    before: States = {}
    _, deltas = rules.count(events, before)
    return deltas


async def _entries(ledger: RedisPartitionStore, after: str, until: str) -> AsyncIterator[tuple[str, UnpackedEntry]]:
    async for page in _pages(ledger, after, until):
        for found in page:
            yield found


async def _pages(ledger: RedisPartitionStore, after: str, until: str) -> AsyncIterator[list[tuple[str, UnpackedEntry]]]:
    """The entries that can be read, PAGE at a time."""
    while order(after) < order(until):
        page = await ledger.entries(after, until, PAGE)
        if not page:
            return
        yield list(_readable(page))
        after = page[-1].id


def _readable(page: Sequence[LogEntry]) -> Iterator[tuple[str, UnpackedEntry]]:
    for logged in page:
        try:
            yield logged.id, unpack_entry(logged.packed)
        except BadEntryError:
            continue

"""Log replay: rebuilds counters from the log, recounts up to known entries, and finds later events on earlier days."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from services.metrics.consumer import Consumer
from services.metrics.counting import CounterKey, CountingRules, Deltas, Events, StateKey
from services.metrics.entity_state import Phase
from services.metrics.instruments import Instruments
from services.metrics.log_events import group_events
from services.metrics.partition_store import START, Checkpoint, LogEntry, PartitionStore, id_order
from services.metrics.projection import Series
from services.metrics.redis_partition_store import RedisPartitionStore
from shared.contracts.months import LateEvent
from shared.domain.clock import day_number, day_of, number_of
from shared.log.codec import BadEntryError, unpack_entry
from shared.runtime.store import StoreMismatchError

PAGE = 500


class _ReplayedEvent(NamedTuple):
    """A logged event; `key`: None for a type the catalogue does not know; `begins`: it opens its entity."""

    late: LateEvent
    day: int
    entity: bytes
    key: StateKey | None
    begins: bool


async def late_events(
    stores: Sequence[PartitionStore], positions: Mapping[str, str], as_of: dt.date, rules: CountingRules, limit: int
) -> list[LateEvent]:
    """At most `limit` events after `positions` (log -> entry id) that bear on the days before `as_of`.

    Those are the events of such days, and every opening of what first began on such a day, whatever its own day: the
    latest opening says where an entity counts, and one after its end revives it.
    """
    late: list[LateEvent] = []
    for store in stores:
        async for page in _pages(store, positions.get(store.key, START), await store.last_id()):
            events = [event for entry in page for event in _events(store.key, entry, rules)]
            late += [event.late for event in await _bearing(store, events, number_of(as_of))]
            if len(late) >= limit:
                return late[:limit]
    return late


def _events(log: str, entry: LogEntry, rules: CountingRules) -> Iterator[_ReplayedEvent]:
    try:
        unpacked = unpack_entry(entry.packed)
    except BadEntryError:
        return
    for shape, entity, time, _, digest, _ in unpacked.events():
        mapping = rules.mapping_of(shape)
        late = LateEvent(
            log=log,
            entry=entry.id,
            type=shape.type,
            role=shape.role,
            id=digest.hex(),
            entity=entity.hex(),
            day=day_of(day_number(time)),
        )
        begins = mapping is not None and mapping.phase is Phase.BEGIN
        yield _ReplayedEvent(late, day_number(time), entity, mapping and mapping.key, begins)


async def _bearing(store: PartitionStore, events: Sequence[_ReplayedEvent], day: int) -> list[_ReplayedEvent]:
    """Those of `events` that bear on the days before `day` (a day number)."""
    opened: dict[StateKey, list[bytes]] = {}
    for event in events:
        if event.begins and event.key and event.day >= day:
            opened.setdefault(event.key, []).append(event.entity)
    _, states = await store.read(opened)
    began = {
        (key, entity)
        for key, entities in states.items()
        for entity, state in entities.items()
        if state.first is not None and day_number(state.first.time) < day
    }
    return [event for event in events if event.day < day or (event.begins and (event.key, event.entity) in began)]


async def replay(
    stores: Sequence[PartitionStore], positions: Mapping[str, str], rules: CountingRules
) -> dict[CounterKey, Series]:
    """The series the log gives when counted afresh up to `positions`; no stored counter is read."""
    series: dict[CounterKey, Series] = {}
    for store in stores:
        for (key, day), change in (await _replay_one(store, positions.get(store.key, START), rules)).items():
            series.setdefault(key, Series()).add(day, change)
    return series


async def _replay_one(store: PartitionStore, until: str, rules: CountingRules) -> Deltas:
    events: Events = {}
    async for page in _pages(store, START, until):
        group_events(page, rules, _skip, events)
    _, deltas = rules.count(events, {})
    return deltas


def _skip(entry_id: str, reason: str) -> None:
    """The consumer logged it when it counted the entry."""


async def _pages(store: PartitionStore, after: str, until: str) -> AsyncIterator[list[LogEntry]]:
    """The entries after one id up to another, PAGE at a time."""
    while id_order(after) < id_order(until):
        page = await store.entries(after, until, PAGE)
        if not page:
            return
        yield page
        after = page[-1].id


class Rebuilt(NamedTuple):
    """What a rebuild of one partition found: how many counters differed, and the first of them as stored."""

    log: str
    different: int
    examples: list[str]


class NoListener:
    """A rebuild's commits concern nobody until the swap."""

    def committed(self, store: PartitionStore, seen: Checkpoint, entry_id: str, deltas: Deltas) -> None: ...


class IncompleteLogError(StoreMismatchError):
    """Entries were deleted from a log: recounting it would lose what they counted."""


async def rebuild(
    stores: Iterable[RedisPartitionStore], rules: CountingRules, on_rebuilt: Callable[[Rebuilt], None]
) -> list[Rebuilt]:
    """Rebuild every partition up to where its live counters stand; the service may run meanwhile.

    Raises:
        IncompleteLogError: a log has lost entries; its counters are left as they are.
    """
    results = []
    for store in stores:
        results.append(await _rebuild_one(store, rules))
        on_rebuilt(results[-1])
    return results


async def _rebuild_one(store: RedisPartitionStore, rules: CountingRules) -> Rebuilt:
    keys = rules.state_keys(store.stream)
    rebuilt = await store.begin_rebuild(keys)
    consumer = Consumer(rebuilt, rules, NoListener(), Instruments())
    while True:
        if not await store.is_whole():
            raise IncompleteLogError(
                f"entries were deleted from the log {store.key}, so it cannot be recounted without losing what they "
                "counted: restore the log, or keep the catalogue the counts were made under"
            )
        live = (await store.checkpoint()).entry_id
        if live != START:
            await consumer.catch_up(live)
        swapped = await store.swap(rebuilt, keys)
        if swapped is not None:
            return Rebuilt(store.key, *swapped)

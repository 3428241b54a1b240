"""Log events: what the packed events of log entries do, grouped by whose state they change. Pure."""

import struct
from collections.abc import Callable, Iterable

from services.metrics.counting import CountingRules, Events
from services.metrics.entity_state import Phase, Register, Values, make_register
from services.metrics.partition_store import LogEntry
from shared.log.codec import ENTITY_BYTES, BadEntryError, unpack_entry

Skip = Callable[[str, str], None]
"""Called with an entry's id and why it, or one shape of event in it, is passed over."""

_each_entity = struct.Struct(f"{ENTITY_BYTES}s").iter_unpack


def group_events(entries: Iterable[LogEntry], rules: CountingRules, skip: Skip, events: Events) -> int:
    """Add the events of `entries` to `events`; how many there are, those of unknown types included."""
    return sum(_group_entry(entry, rules, skip, events) for entry in entries)


def _group_entry(entry: LogEntry, rules: CountingRules, skip: Skip, events: Events) -> int:
    try:
        shapes, shape_of, entities, times, ids = unpack_entry(entry.packed)
    except BadEntryError as error:
        skip(entry.id, str(error))
        return 0
    targets: list[tuple[dict[bytes, list[tuple[Phase, Register]]], Phase, Values] | None] = []
    for shape in shapes:
        mapping = rules.mapping_of(shape)
        if mapping is None:
            skip(entry.id, f"type {shape.type!r} of role {shape.role!r} is not in the catalogue")
            targets.append(None)
        else:
            targets.append((events.setdefault(mapping.key, {}), mapping.phase, mapping.values))
    for number, (entity,), time, event_id in zip(shape_of, _each_entity(entities), times, ids, strict=True):
        target = targets[number]
        if target is not None:
            by_entity, phase, values = target
            event = phase, make_register((time, event_id, values))
            if entity in by_entity:
                by_entity[entity].append(event)
            else:
                by_entity[entity] = [event]
    return len(ids)

"""Log events: what the packed events of log entries do, grouped by whose state they change. Pure."""

import hashlib
import struct
from collections.abc import Callable, Iterable

from services.metrics.counting import CountingRules, Events
from services.metrics.entity_state import Phase, Register, Values, make_register
from services.metrics.partition_store import LogEntry
from shared.log.codec import DIGEST_BYTES, ENTITY_BYTES, BadEntryError, SendingKey, unpack_entry

Skip = Callable[[str, str], None]
"""Called with an entry's id and why it, or one shape of event in it, is passed over."""

_each_entity = struct.Struct(f"{ENTITY_BYTES}s").iter_unpack
_each_digest = struct.Struct(f"{DIGEST_BYTES}s").iter_unpack
KEY_TAG_BYTES = 4


def group_events(entries: Iterable[LogEntry], rules: CountingRules, skip: Skip, events: Events) -> int:
    """Add the events of `entries` to `events`; how many there are, those of unknown types included."""
    return sum(_group_entry(entry, rules, skip, events) for entry in entries)


def _group_entry(entry: LogEntry, rules: CountingRules, skip: Skip, events: Events) -> int:
    try:
        shapes, shape_of, entities, times, recorded_after, digests, keys, key_of = unpack_entry(entry.packed)
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
    key_tags = [_key_tag(key) for key in keys]
    columns = zip(shape_of, _each_entity(entities), times, recorded_after, _each_digest(digests), key_of, strict=True)
    for number, (entity,), time, after, (digest,), key in columns:
        target = targets[number]
        if target is not None:
            by_entity, phase, values = target
            event = phase, make_register((time, after, digest, values, key_tags[key]))
            if entity in by_entity:
                by_entity[entity].append(event)
            else:
                by_entity[entity] = [event]
    return len(times)


def _key_tag(key: SendingKey) -> bytes:
    """What a register says of a key: enough to tell apart those that are limited to some units."""
    return hashlib.blake2b(key.name.encode(), digest_size=KEY_TAG_BYTES).digest() if key.limited else b""

"""Which entities only one source speaks of: reads the states of one kind, partition by partition."""

from collections.abc import AsyncIterator, Collection, Sequence

from pydantic import BaseModel

from services.metrics.counting import CountedNow, CountingRules, StateKey
from services.metrics.entity_state import EMPTY, unpack_state
from services.metrics.partition_store import PartitionStore
from shared.contracts.metrics import Side

PAGE = 1000


class Unmatched(BaseModel):
    """An entity, by its pseudonym, that counts as one role speaks of it and not as the other does."""

    entity: str
    measure: str
    day: int


async def unmatched(
    stores: Sequence[PartitionStore],
    rules: CountingRules,
    side: Side,
    wanted: Collection[tuple[str, str]],
    days: range,
    limit: int,
) -> list[Unmatched]:
    """At most `limit` entities that count in one of `wanted` (measure, unit) on `days`, on `side` alone."""
    entities: list[Unmatched] = []
    other: Side = "record" if side == "reporting" else "reporting"
    for store in stores:
        for key in rules.state_keys(store.stream):
            if key.role != side:
                continue
            async for entity, counted in _on_one_side(store, rules, key, StateKey(key.kind, other)):
                entities += [
                    Unmatched(entity=entity.hex(), measure=counter[0], day=counted[counter])
                    for counter in counted.keys() & wanted
                    if counted[counter] in days
                ]
                if len(entities) >= limit:
                    return entities[:limit]
    return entities


async def _on_one_side(
    store: PartitionStore, rules: CountingRules, ours: StateKey, theirs: StateKey
) -> AsyncIterator[tuple[bytes, CountedNow]]:
    """Each entity of `ours` with what it counts in and `theirs` does not."""
    async for page in store.pages(ours, PAGE):
        _, others = await store.read({theirs: list(page)})
        for entity, packed in page.items():
            counted = rules.counted_now(ours.kind, unpack_state(packed))
            matched = rules.counted_now(ours.kind, others[theirs].get(entity, EMPTY))
            yield entity, {counter: day for counter, day in counted.items() if counter not in matched}

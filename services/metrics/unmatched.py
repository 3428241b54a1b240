"""Which entities only one source speaks of: reads the states of one kind, partition by partition."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from pydantic import BaseModel

from services.metrics.counting import Rules, Track
from services.metrics.entity_state import unpack_state
from services.metrics.partition_store import RedisPartitionStore
from shared.contracts.metrics import Side

PAGE = 1000


class Unmatched(BaseModel):
    """An entity, by its pseudonym, that counts as one role speaks of it and not as the other does."""

    entity: str
    measure: str
    day: int


async def unmatched(
    ledgers: Sequence[RedisPartitionStore], rules: Rules, side: Side, wanted: Collection[str], days: range, limit: int
) -> list[Unmatched]:
    """At most `limit` entities that count in one of the cells `wanted` (`measure|unit`) on `days`, on `side` alone."""
    found: list[Unmatched] = []
    other: Side = "record" if side == "reporting" else "reporting"
    for ledger in ledgers:
        for track in rules.tracks(ledger.stream):
            if track.role != side:
                continue
            async for entity, counted in _only(ledger, rules, track, Track(track.kind, other)):
                found += [
                    Unmatched(entity=entity.hex(), measure=cell.partition("|")[0], day=counted[cell])
                    for cell in counted.keys() & wanted
                    if counted[cell] in days
                ]
                if len(found) >= limit:
                    return found[:limit]
    return found


async def _only(
    ledger: RedisPartitionStore, rules: Rules, ours: Track, theirs: Track
) -> AsyncIterator[tuple[bytes, dict[str, int]]]:
    """Each entity of `ours` with what it counts in and `theirs` does not: cell -> day number."""
    async for page in ledger.pages(ours, PAGE):
        entities = list(page)
        _, others = await ledger.read({theirs: entities})
        for entity, packed in page.items():
            counted = rules.counted_now(ours.kind, unpack_state(packed))
            matched: dict[str, Any] = {}
            if entity in others[theirs]:
                matched = rules.counted_now(ours.kind, others[theirs][entity])
            yield entity, {cell: day for cell, day in counted.items() if cell not in matched}

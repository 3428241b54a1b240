"""Contested entities: a key limited to some units moved or ended them, and another key had begun them.

The latest statement counts all the same. docs/decisions/0140-contested-entities.md.
"""

from collections.abc import Iterator, Mapping, Sequence

from services.metrics.counting import CONTESTED, CounterKey, CountingRules
from services.metrics.entity_state import unpack_state
from services.metrics.partition_store import PartitionStore
from services.metrics.projection import Series
from shared.contracts.metrics import ContestedCount, ContestedEntity
from shared.domain.clock import day_of

PAGE = 1000
EVER = 1 << 31
"""A day number after every day: all that was counted."""

ROLES = {stands_for: role for role, stands_for in CONTESTED.items()}


def contested_counts(counts: Mapping[CounterKey, Series]) -> Iterator[ContestedCount]:
    """How many entities of a kind are contested, per unit that had or has them; without zeros."""
    for key, series in counts.items():
        if key.role in ROLES and (number := series.before(EVER)):
            yield ContestedCount(unit=key.unit, kind=key.measure, role=ROLES[key.role], entities=number)


async def contested_entities(
    stores: Sequence[PartitionStore], rules: CountingRules, unit: str | None, limit: int
) -> list[ContestedEntity]:
    """At most `limit` contested entities, by pseudonym; of one unit, or of all."""
    found: list[ContestedEntity] = []
    for store in stores:
        for key in rules.state_keys(store.stream):
            async for page in store.pages(key, PAGE):
                for entity, packed in page.items():
                    units = rules.contested(key.kind, unpack_state(packed))
                    if units and unit in (None, *units):
                        row = {"entity": entity.hex(), "kind": key.kind, "role": key.role, "units": sorted(units)}
                        found.append(ContestedEntity.model_validate(row | {"day": day_of(max(units.values()))}))
                if len(found) >= limit:
                    return found[:limit]
    return found

"""Reconciliation: reported beside verified per unit, target and month, and the entities that only one source speaks of.

Reported are the counts of the role `reporting`, verified those of `record`; matched is what both count now, for one
unit. docs/decisions/0080-reconciliation.md says what that means for late, moved and ended entities.
"""

import datetime as dt
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence

from pydantic import BaseModel

from services.metrics.counting import MATCHED, CountedNow, CounterKey, CountingRules, StateKey
from services.metrics.entity_state import EMPTY, unpack_state
from services.metrics.partition_store import PartitionStore
from services.metrics.projection import NOTHING, Series
from shared.contracts.metrics import ReconciliationRow, Side, TargetPart
from shared.domain.catalogue import Catalogue, Target
from shared.domain.clock import number_of
from shared.domain.figures import scopes
from shared.domain.unit_hierarchy import makeup_of

TRUSTED = (0.90, 1.10)
"""A verification factor outside of this is marked."""


def reconciliation(
    catalogue: Catalogue, counts: Mapping[CounterKey, Series], since: dt.date, until: dt.date
) -> Iterator[ReconciliationRow]:
    """A row per unit, target and part, then the groups' and the province's; of the units of the day `until`."""
    for name in scopes(catalogue, until):
        codes = makeup_of(catalogue, name, until)
        for target in catalogue.targets:
            for part, measures in parts_of(target):
                counters = [(measure, code) for measure in measures for code in codes]
                yield _row(counts, name, target.number, part, counters, since, until)


def parts_of(target: Target) -> list[tuple[TargetPart, tuple[str, ...]]]:
    """What a target consists of: its count, or its numerator and denominator."""
    if target.is_ratio:
        return [("numerator", target.numerator), ("denominator", target.denominator)]
    return [("count", target.measures)]


def _row(
    counts: Mapping[CounterKey, Series],
    unit: str,
    target: int,
    part: TargetPart,
    counters: Sequence[tuple[str, str]],
    since: dt.date,
    until: dt.date,
) -> ReconciliationRow:
    first, after = number_of(since), number_of(until) + 1

    def added(role: str) -> int:
        series = [counts.get(CounterKey(role, *counter), NOTHING) for counter in counters]
        return sum(each.before(after) - each.before(first) for each in series)

    reported, verified = added("reporting"), added("record")
    matched, recorded = added(MATCHED["reporting"]), added(MATCHED["record"])
    factor = verified / reported if reported > 0 else None
    return ReconciliationRow(
        unit=unit,
        target=target,
        part=part,
        reported=reported,
        verified=verified,
        matched=matched,
        only_reported=reported - matched,
        only_record=verified - recorded,
        factor=factor,
        marked=bool(verified) if factor is None else not TRUSTED[0] <= factor <= TRUSTED[1],
    )


def has_record(counters: Iterable[CounterKey]) -> bool:
    """Whether the system of record ever said anything that counts."""
    return any(counter.role == "record" for counter in counters)


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

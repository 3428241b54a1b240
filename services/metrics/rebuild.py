"""Rebuild: recounts the log into counters beside the live ones, compares, and swaps, partition by partition."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from services.metrics.consumer import Consumer
from services.metrics.counting import CountingRules, Deltas
from services.metrics.instruments import Instruments
from services.metrics.partition_store import START, Checkpoint, PartitionStore
from services.metrics.redis_partition_store import RedisPartitionStore
from shared.runtime.store import StoreMismatchError


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

"""Recounts the log into fresh states and counts beside the live ones, compares, and swaps, partition by partition."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from redis.asyncio import Redis

from services.metrics.consumer import Consumer
from services.metrics.counting import Deltas, Rules
from services.metrics.instruments import Instruments
from services.metrics.partition_store import START, Position, RedisPartitionStore
from services.metrics.scripts import SWAP
from shared.runtime.store import StoreMismatchError


class Rebuilt(NamedTuple):
    """What a rebuild of one partition found: how many counts differed, and the first of them."""

    log: str
    different: int
    examples: list[str]


class NoView:
    """A rebuild's commits concern nobody until the swap."""

    def committed(self, ledger: RedisPartitionStore, found: Position, cursor: str, deltas: Deltas) -> None: ...


class IncompleteLogError(StoreMismatchError):
    """Entries were deleted from a log: recounting it would lose what they counted."""


async def rebuild(
    redis: Redis, ledgers: Iterable[RedisPartitionStore], rules: Rules, on_rebuilt: Callable[[Rebuilt], None]
) -> list[Rebuilt]:
    """Rebuild every ledger up to where its live counts stand; the service may run meanwhile.

    Raises:
        IncompleteLogError: a log has lost entries; its counts are left as they are.
    """
    results = []
    for ledger in ledgers:
        results.append(await _rebuild_one(redis, ledger, rules))
        on_rebuilt(results[-1])
    return results


async def _rebuild_one(redis: Redis, ledger: RedisPartitionStore, rules: Rules) -> Rebuilt:
    shadow = ledger.shadow
    pairs = [(ledger.counts_key, shadow.counts_key)]
    pairs += [(ledger.states_key(track), shadow.states_key(track)) for track in rules.tracks(ledger.stream)]
    await redis.delete(*(key for _, key in pairs))
    consumer = Consumer(shadow, rules, NoView(), Instruments())
    swap = redis.register_script(SWAP)
    while True:
        if not await ledger.is_whole():
            raise IncompleteLogError(
                f"entries were deleted from the log {ledger.key}, so it cannot be recounted without losing what they "
                "counted: restore the log, or keep the catalogue the counts were made under"
            )
        live = (await ledger.position()).cursor
        if live != START:
            await consumer.catch_up(live)
        answer: list[Any] = await swap([key for pair in pairs for key in pair])
        if answer[0] == b"swapped":
            return Rebuilt(ledger.key, int(answer[1]), [field.decode() for field in answer[2:]])

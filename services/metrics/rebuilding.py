"""Recounts the log into fresh states and counts beside the live ones, compares, and swaps, partition by partition."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from redis.asyncio import Redis

from services.metrics.consumer import Consumer
from services.metrics.counting import Deltas, Rules, Track
from services.metrics.ledger import START, Ledger, Position
from services.metrics.measurements import Measurements
from services.metrics.scripts import SWAP


class Rebuilt(NamedTuple):
    """What a rebuild of one partition found: how many counts differed, and the first of them."""

    log: str
    different: int
    examples: list[str]


class NoView:
    """A rebuild's commits concern nobody until the swap."""

    def committed(self, ledger: Ledger, found: Position, cursor: str, deltas: Deltas) -> None: ...


async def rebuild(
    redis: Redis, ledgers: Iterable[Ledger], rules: Rules, tracks: list[Track], on_rebuilt: Callable[[Rebuilt], None]
) -> list[Rebuilt]:
    """Rebuild every ledger up to where its live counts stand; the service may run meanwhile."""
    results = []
    for ledger in ledgers:
        results.append(await _rebuild_one(redis, ledger, rules, tracks))
        on_rebuilt(results[-1])
    return results


async def _rebuild_one(redis: Redis, ledger: Ledger, rules: Rules, tracks: list[Track]) -> Rebuilt:
    shadow = ledger.shadow
    pairs = [(ledger.counts_key, shadow.counts_key)]
    pairs += [(ledger.states_key(track), shadow.states_key(track)) for track in tracks]
    await redis.delete(*(key for _, key in pairs))
    consumer = Consumer(shadow, rules, NoView(), Measurements())
    swap = redis.register_script(SWAP)
    while True:
        live = (await ledger.position()).cursor
        if live != START:
            await consumer.catch_up(live)
        answer: list[Any] = await swap([key for pair in pairs for key in pair])
        if answer[0] == b"swapped":
            return Rebuilt(ledger.key, int(answer[1]), [field.decode() for field in answer[2:]])

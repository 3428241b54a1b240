"""The view in memory is what a fresh load gives, whatever commits, lost replies and rebuilds it saw or missed."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from services.metrics.counting import Deltas
from services.metrics.day_series import Series
from services.metrics.partition_store import START, Position, RedisPartitionStore, Version
from services.metrics.projection import CounterProjection

CELLS = st.sampled_from(("reporting|articles|an-nhon", "record|articles|an-nhon"))
DELTAS = st.dictionaries(st.tuples(CELLS, st.integers(19_000, 19_003)), st.integers(-2, 3), max_size=4)
STEPS = st.lists(
    st.tuples(st.sampled_from(("seen", "missed", "rebuilt", "read", "flushed")), st.integers(0, 1), DELTAS), max_size=12
)


async def commit(redis: Redis, ledger: RedisPartitionStore, cursor: str, deltas: Deltas) -> None:
    async with redis.pipeline(transaction=True) as pipeline:
        for (cell, day), change in deltas.items():
            pipeline.hincrby(ledger.counts_key, f"{cell}|{day}", change)
        pipeline.hset(ledger.counts_key, "cursor", cursor)
        await pipeline.execute()


async def follow(address: str, steps: list[tuple[str, int, Deltas]]) -> None:
    redis = Redis.from_url(address)
    await redis.flushall()
    ledgers = [RedisPartitionStore(redis, "outreach", number) for number in range(2)]
    view = CounterProjection(redis, ledgers)
    for number, (what, which, deltas) in enumerate(steps, 1):
        ledger = ledgers[which]
        found = await ledger.position()
        if what in ("seen", "missed"):
            await commit(redis, ledger, f"{number}-0", deltas)
        if what == "seen":
            view.committed(ledger, Position(found.cursor, None), f"{number}-0", deltas)
        if what == "rebuilt" and found.cursor != START:
            await commit(redis, ledger, found.cursor, deltas)
            await redis.hincrby(ledger.counts_key, "generation", 1)
        if what == "flushed":
            await redis.delete(ledger.counts_key)
        if what == "read":
            await view.refresh()
    fresh = CounterProjection(redis, ledgers)
    await asyncio.gather(view.refresh(), view.refresh(), fresh.refresh())
    assert figures(view) == figures(fresh)
    await redis.aclose()


def figures(view: CounterProjection) -> dict[tuple[str, int], Any]:
    found = {(cell, day): series.before(day) for cell, series in view.series.items() for day in range(18_999, 19_006)}
    return {place: count for place, count in found.items() if count}


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_the_view_equals_a_fresh_load(valkey_server: str, steps: list[tuple[str, int, Deltas]]) -> None:
    asyncio.run(follow(valkey_server, steps))


class SlowLedger(RedisPartitionStore):
    """Its first answer stays on the way until `arrive` is set."""

    def __init__(self, redis: Redis, stream: str, partition: int) -> None:
        super().__init__(redis, stream, partition)
        self.loaded = asyncio.Event()
        self.arrive = asyncio.Event()

    async def load(self) -> tuple[Position, Version, dict[str, dict[int, int]]]:
        answer = await super().load()
        if not self.loaded.is_set():
            self.loaded.set()
            await self.arrive.wait()
        return answer


async def test_no_answer_is_older_than_its_question(valkey: Redis) -> None:
    """What another question loaded earlier arrives between a question's own look and its answer."""
    ledger = SlowLedger(valkey, "outreach", 0)
    view = CounterProjection(valkey, [ledger])
    await commit(valkey, ledger, "1-0", {("reporting|articles|an-nhon", 19_000): 1})
    earlier = asyncio.create_task(view.refresh())
    await ledger.loaded.wait()
    await commit(valkey, ledger, "2-0", {("reporting|articles|an-nhon", 19_000): 1})
    later = asyncio.create_task(view.refresh())
    await asyncio.wait((later,), timeout=0.2)
    ledger.arrive.set()
    await asyncio.gather(earlier, later)
    assert figures(view)["reporting|articles|an-nhon", 19_001] == 2


CHANGES = st.lists(st.tuples(st.integers(-5, 5), st.integers(-9, 9)), max_size=20)


@given(CHANGES, st.integers(-7, 7))
def test_a_series_sums_what_was_added(changes: list[tuple[int, int]], day: int) -> None:
    series = Series()
    for number, (at, change) in enumerate(changes):
        series.add(at, change)
        assert series.before(day) == sum(change for at, change in changes[: number + 1] if at < day)
    assert series.on(day) == sum(change for at, change in changes if at == day)

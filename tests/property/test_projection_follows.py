"""The projection is what a fresh load gives, whatever commits, lost replies and rebuilds it saw or missed."""

import asyncio
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from services.metrics.counting import CounterKey, Deltas
from services.metrics.partition_store import START, Checkpoint, Counters
from services.metrics.projection import CounterProjection, Series
from services.metrics.redis_partition_store import RedisPartitionStore, field_of, versions

ARTICLES = CounterKey("reporting", "articles", "an-nhon")
COUNTERS = st.sampled_from((ARTICLES, CounterKey("record", "articles", "an-nhon")))
DELTAS = st.dictionaries(st.tuples(COUNTERS, st.integers(19_000, 19_003)), st.integers(-2, 3), max_size=4)
STEPS = st.lists(
    st.tuples(st.sampled_from(("seen", "missed", "rebuilt", "read", "flushed")), st.integers(0, 1), DELTAS), max_size=12
)


async def commit(redis: Redis, store: RedisPartitionStore, cursor: str, deltas: Deltas) -> None:
    async with redis.pipeline(transaction=True) as pipeline:
        for (counter, day), change in deltas.items():
            pipeline.hincrby(store.counts_key, field_of(counter, day), change)
        pipeline.hset(store.counts_key, "cursor", cursor)
        await pipeline.execute()


async def follow(address: str, steps: list[tuple[str, int, Deltas]]) -> None:
    redis = Redis.from_url(address)
    await redis.flushall()
    stores = [RedisPartitionStore(redis, "outreach", number) for number in range(2)]
    projection = CounterProjection(stores, partial(versions, redis, stores))
    for number, (what, which, deltas) in enumerate(steps, 1):
        store = stores[which]
        found = await store.checkpoint()
        if what in ("seen", "missed"):
            await commit(redis, store, f"{number}-0", deltas)
        if what == "seen":
            projection.committed(store, Checkpoint(found.entry_id, None), f"{number}-0", deltas)
        if what == "rebuilt" and found.entry_id != START:
            await commit(redis, store, found.entry_id, deltas)
            await redis.hincrby(store.counts_key, "generation", 1)
        if what == "flushed":
            await redis.delete(store.counts_key)
        if what == "read":
            await projection.refresh()
    fresh = CounterProjection(stores, partial(versions, redis, stores))
    await asyncio.gather(projection.refresh(), projection.refresh(), fresh.refresh())
    assert figures(projection) == figures(fresh)
    await redis.aclose()


def figures(projection: CounterProjection) -> dict[tuple[CounterKey, int], Any]:
    days = range(18_999, 19_006)
    sums = {(key, day): series.before(day) for key, series in projection.series.items() for day in days}
    return {counter: total for counter, total in sums.items() if total}


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_the_view_equals_a_fresh_load(valkey_server: str, steps: list[tuple[str, int, Deltas]]) -> None:
    asyncio.run(follow(valkey_server, steps))


class SlowPartitionStore(RedisPartitionStore):
    """Its first answer stays on the way until `arrive` is set."""

    def __init__(self, redis: Redis, stream: str, partition: int) -> None:
        super().__init__(redis, stream, partition)
        self.loaded = asyncio.Event()
        self.arrive = asyncio.Event()

    async def load(self) -> Counters:
        answer = await super().load()
        if not self.loaded.is_set():
            self.loaded.set()
            await self.arrive.wait()
        return answer


async def test_no_answer_is_older_than_its_question(valkey: Redis) -> None:
    """What another question loaded earlier arrives between a question's own look and its answer."""
    store = SlowPartitionStore(valkey, "outreach", 0)
    projection = CounterProjection([store], partial(versions, valkey, [store]))
    await commit(valkey, store, "1-0", {(ARTICLES, 19_000): 1})
    earlier = asyncio.create_task(projection.refresh())
    await store.loaded.wait()
    await commit(valkey, store, "2-0", {(ARTICLES, 19_000): 1})
    later = asyncio.create_task(projection.refresh())
    await asyncio.wait((later,), timeout=0.2)
    store.arrive.set()
    await asyncio.gather(earlier, later)
    assert figures(projection)[ARTICLES, 19_001] == 2


CHANGES = st.lists(st.tuples(st.integers(-5, 5), st.integers(-9, 9)), max_size=20)


@given(CHANGES, st.integers(-7, 7))
def test_a_series_sums_what_was_added(changes: list[tuple[int, int]], day: int) -> None:
    series = Series()
    for number, (at, change) in enumerate(changes):
        series.add(at, change)
        assert series.before(day) == sum(change for at, change in changes[: number + 1] if at < day)
    assert series.on(day) == sum(change for at, change in changes if at == day)

"""Any order, repetition and batching of any history gives the counters of the independent recount."""

import asyncio
from collections.abc import Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.metrics.consumer import Consumer
from services.metrics.counting import CountingRules
from services.metrics.instruments import Instruments
from services.metrics.log_replay import NoListener
from services.metrics.partition_store import LogEntry
from shared.log.keys import STREAMS
from tests.support.histories import deliveries
from tests.support.in_memory import CATALOGUE, PARTITIONS, counts_of, entries_of
from tests.support.in_memory_store import InMemoryPartitionStore
from tests.support.load import random_event
from tests.support.recount import Event, recount

RULES = CountingRules(CATALOGUE)
MEASUREMENTS = Instruments()


def stores() -> dict[tuple[str, int], InMemoryPartitionStore]:
    return {
        (stream, number): InMemoryPartitionStore(stream, number) for stream in STREAMS for number in range(PARTITIONS)
    }


def fill(places: dict[tuple[str, int], InMemoryPartitionStore], requests: list[list[Event]]) -> None:
    for request in requests:
        for place, packed in entries_of(request).items():
            places[place].append(packed)


def last_of(entries: Sequence[LogEntry]) -> str:
    """The trigger that delivers `entries`."""
    return entries[-1].id


@settings(max_examples=1000, deadline=None)
@given(deliveries(), st.integers(1, 4), st.integers(1, 3))
def test_any_delivery_counts_as_the_recount_does(
    delivery: tuple[list[Event], list[list[Event]]], batch: int, consumers: int
) -> None:
    """Batches of any size, taken in turn by one to three consumers that do not know of each other."""
    history, requests = delivery
    places = stores()
    fill(places, requests)

    async def count(store: InMemoryPartitionStore) -> None:
        racing = [Consumer(store, RULES, NoListener(), MEASUREMENTS) for _ in range(consumers)]
        for start in range(0, len(store.log), batch):
            await asyncio.gather(*(consumer.take(last_of(store.log[start : start + batch])) for consumer in racing))

    async def count_all() -> None:
        for store in places.values():
            await count(store)

    asyncio.run(count_all())
    assert counts_of(places.values()) == recount(history)


@settings(max_examples=100, deadline=None)
@given(deliveries(), st.integers(0, 30))
def test_a_consumer_that_starts_anywhere_goes_on_from_the_cursor(
    delivery: tuple[list[Event], list[list[Event]]], cut: int
) -> None:
    """One consumer counts a beginning; another, handed everything from the start, counts the rest."""
    history, requests = delivery
    places = stores()
    fill(places, requests)

    async def count_all() -> None:
        for store in places.values():
            if store.log[:cut]:
                await Consumer(store, RULES, NoListener(), MEASUREMENTS).take(last_of(store.log[:cut]))
            if store.log:
                await Consumer(store, RULES, NoListener(), MEASUREMENTS).take(last_of(store.log))

    asyncio.run(count_all())
    assert counts_of(places.values()) == recount(history)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_long_histories_in_which_most_entities_rest_count_as_the_recount_does(seed: int, batch: int) -> None:
    """Both sources speak of forty entities in turn: what one batch touches was often left alone by the one before."""
    random = Random(seed)
    requests = [[random_event(random, subjects=40) for _ in range(12)] for _ in range(25)]
    places = stores()
    fill(places, requests)

    async def count_all() -> None:
        for store in places.values():
            consumer = Consumer(store, RULES, NoListener(), MEASUREMENTS)
            for start in range(0, len(store.log), batch):
                await consumer.take(last_of(store.log[start : start + batch]))

    asyncio.run(count_all())
    assert counts_of(places.values()) == recount(event for request in requests for event in request)


@settings(max_examples=100, deadline=None)
@given(deliveries(), st.integers(1, 10), st.integers(1, 4))
def test_a_batch_cut_off_is_made_up_for_by_the_next(
    delivery: tuple[list[Event], list[list[Event]]], cut: int, turns: int
) -> None:
    """The handler of the first entries is called off after some turns; only what follows is handed over then."""
    history, requests = delivery
    places = stores()
    fill(places, requests)

    async def count(store: InMemoryPartitionStore) -> None:
        consumer = Consumer(store, RULES, NoListener(), MEASUREMENTS)
        split = min(cut, len(store.log) - 1)
        if split:
            handling = asyncio.create_task(consumer.take(last_of(store.log[:split])))
            for _ in range(turns):
                await asyncio.sleep(0)
            handling.cancel()
            await asyncio.wait((handling,))
        await consumer.take(last_of(store.log[split:]))

    async def count_all() -> None:
        for store in places.values():
            if store.log:
                await count(store)

    asyncio.run(count_all())
    assert counts_of(places.values()) == recount(history)

"""What every partition store does, on a real Valkey and in memory."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

import pytest
from faststream.redis.parser import BinaryMessageFormatV1
from redis.asyncio import Redis

from services.metrics.counting import CounterKey, StateKey
from services.metrics.entity_state import Phase, Register, State, merge, pack_state
from services.metrics.partition_store import START, Checkpoint, Counters, LogEntry, PartitionStore, Version
from services.metrics.redis_partition_store import RedisPartitionStore
from tests.support.in_memory_store import InMemoryPartitionStore

ACCOUNTS = StateKey("account", "reporting")
RECORDED = StateKey("account", "record")
COUNTER = CounterKey("reporting", "accounts", "an-nhon")
OTHER = CounterKey("record", "accounts", "an-nhon")
ENTITIES = [bytes([number]) * 16 for number in range(40)]
RULES = "rules in force"


class StoreUnderTest(NamedTuple):
    """A store, and how an entry comes into its log; `append` answers the entry's id."""

    store: PartitionStore
    append: Callable[[bytes], Awaitable[str]]


@pytest.fixture(params=["redis", "memory"])
def under_test(request: pytest.FixtureRequest, valkey: Redis) -> StoreUnderTest:
    if request.param == "redis":
        stored = RedisPartitionStore(valkey, "accounts", 0)

        async def add(packed: bytes) -> str:
            body = await BinaryMessageFormatV1.encode(
                message=packed, reply_to=None, headers={}, correlation_id="", serializer=None
            )
            entry_id: Any = await valkey.xadd(stored.key, {"__data__": body})
            return str(entry_id.decode())

        return StoreUnderTest(stored, add)
    memory = InMemoryPartitionStore("accounts", 0)

    async def append(packed: bytes) -> str:
        memory.append(packed)
        return await memory.last_id()

    return StoreUnderTest(memory, append)


def state(time: int) -> State:
    return merge(State(), Phase.BEGIN, Register(time, 0, time.to_bytes(8), ("member", "an-nhon"), b""))


async def append_all(under_test: StoreUnderTest, packed: Iterable[bytes]) -> list[LogEntry]:
    for each in packed:
        await under_test.append(each)
    return await under_test.store.entries(START, await under_test.store.last_id(), 100)


async def test_nothing_is_there_at_first(under_test: StoreUnderTest) -> None:
    store = under_test.store
    assert await store.checkpoint() == Checkpoint(START, None)
    assert await store.read({ACCOUNTS: ENTITIES[:2]}) == (Checkpoint(START, None), {ACCOUNTS: {}})
    assert await store.load() == Counters(Version(START, 0), {})
    assert await store.progress() == (0, START)
    assert await store.last_id() == START
    assert await store.entries(START, "9-9", 10) == []
    assert await store.age_after(START) == 0
    assert await store.is_whole()
    assert [page async for page in store.pages(ACCOUNTS, 10) if page] == []


async def test_entries_are_read_after_one_id_up_to_another(under_test: StoreUnderTest) -> None:
    first, second, third = await append_all(under_test, [b"one", b"two", b"three"])
    assert [entry.packed for entry in (first, second, third)] == [b"one", b"two", b"three"]
    assert await under_test.store.last_id() == third.id
    assert await under_test.store.entries(first.id, third.id, 10) == [second, third]
    assert await under_test.store.entries(START, second.id, 10) == [first, second]
    assert await under_test.store.entries(START, third.id, 1) == [first]
    assert await under_test.store.progress() == (3, START)


async def test_a_commit_changes_states_counters_and_checkpoint_together(under_test: StoreUnderTest) -> None:
    store = under_test.store
    first, second = await append_all(under_test, [b"one", b"two"])
    states = {ACCOUNTS: {ENTITIES[0]: state(5), ENTITIES[1]: state(6)}, RECORDED: {}}
    assert await store.commit(Checkpoint(START, None), [first], RULES, states, {(COUNTER, 19_000): 2})
    checkpoint = Checkpoint(first.id, RULES)
    assert await store.checkpoint() == checkpoint
    wanted = {ACCOUNTS: ENTITIES[:3], RECORDED: ENTITIES[:1]}
    assert await store.read(wanted) == (checkpoint, states), "an entity without a state is not in the answer"
    assert await store.load() == Counters(Version(first.id, 0), {COUNTER: {19_000: 2}})
    assert await store.progress() == (1, first.id)
    assert await store.commit(checkpoint, [second], RULES, {}, {(COUNTER, 19_000): -1, (OTHER, 19_001): 1})
    assert (await store.load()).counts == {COUNTER: {19_000: 1}, OTHER: {19_001: 1}}
    assert await store.progress() == (0, second.id)


async def test_a_commit_from_another_checkpoint_writes_nothing(under_test: StoreUnderTest) -> None:
    store = under_test.store
    first, second = await append_all(under_test, [b"one", b"two"])
    assert await store.commit(Checkpoint(START, None), [first], RULES, {}, {(COUNTER, 19_000): 1})
    before = await store.load()
    stale = {ACCOUNTS: {ENTITIES[0]: state(5)}}
    assert not await store.commit(Checkpoint(START, None), [first], RULES, stale, {(COUNTER, 19_000): 1})
    assert not await store.commit(Checkpoint(second.id, RULES), [second], RULES, stale, {(COUNTER, 19_000): 1})
    assert await store.load() == before
    assert (await store.read({ACCOUNTS: ENTITIES[:1]}))[1] == {ACCOUNTS: {}}


async def test_a_commit_under_other_rules_writes_nothing(under_test: StoreUnderTest) -> None:
    store = under_test.store
    first, second = await append_all(under_test, [b"one", b"two"])
    assert await store.commit(Checkpoint(START, None), [first], RULES, {}, {(COUNTER, 19_000): 1})
    before = await store.load()
    assert not await store.commit(Checkpoint(first.id, RULES), [second], "other rules", {}, {(COUNTER, 19_000): 1})
    assert await store.load() == before
    assert await store.checkpoint() == Checkpoint(first.id, RULES)


async def test_pages_hold_every_state_once(under_test: StoreUnderTest) -> None:
    [entry] = await append_all(under_test, [b"one"])
    states = {ACCOUNTS: {entity: state(number) for number, entity in enumerate(ENTITIES)}}
    assert await under_test.store.commit(Checkpoint(START, None), [entry], RULES, states, {})
    pages = [page async for page in under_test.store.pages(ACCOUNTS, 10)]
    assert {entity: packed for page in pages for entity, packed in page.items()} == {
        entity: pack_state(each) for entity, each in states[ACCOUNTS].items()
    }
    assert [page async for page in under_test.store.pages(RECORDED, 10) if page] == []

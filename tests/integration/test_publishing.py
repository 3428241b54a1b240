"""The publisher on a real Valkey: packed entries, shared writes, transactions, replicas, and refusals."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from faststream.redis import RedisBroker
from redis.asyncio import Redis

from services.ingest.admission import AdmittedEvent, LoggedEvent
from services.ingest.dead_letter_stream import DeadLetterLimits
from services.ingest.dead_letters import DeadLetterRecord
from services.ingest.publisher import Publisher, StoreUnavailableError
from shared.log.codec import EventShape, SendingKey
from shared.log.keys import DEADLETTERS, partition_of, stream_key
from tests.support.log_reader import entries
from tests.support.valkey import running_valkey
from tests.support.waiting import eventually

PARTITIONS = 4
SHAPE = EventShape("account.opened", "reporting", (("holder", "member"), ("unit", "an-nhon")))
KEY = SendingKey("tests", False)
DEAD_LETTER = DeadLetterRecord(code="unknown_unit", detail="", event="{}", received="", key="")


def logged_events(count: int, stream: str = "accounts") -> list[LoggedEvent]:
    """Events about `count` entities, the partitions in turn."""
    return [
        LoggedEvent(AdmittedEvent(SHAPE, stream, 10**9 * n, 0), n.to_bytes(2) + bytes(14), n.to_bytes(8), KEY)
        for n in range(count)
    ]


@contextlib.asynccontextmanager
async def publisher_on(url: str, **options: Any) -> AsyncIterator[Publisher]:
    broker = RedisBroker(url)
    await broker.connect()
    try:
        yield Publisher(
            broker, PARTITIONS, **{"replica_timeout": None, "limits": DeadLetterLimits(99, 9999, 9), **options}
        )
    finally:
        await broker.stop()


async def test_a_request_is_one_entry_per_stream_and_partition(valkey: Redis, valkey_server: str) -> None:
    sent = logged_events(40) + logged_events(3, "outreach")
    async with publisher_on(valkey_server) as publisher:
        await publisher.publish(sent, [])
    result = entries(valkey_server)
    assert all(len(packed) == 1 for packed in result.values())
    assert len(result) == 4 + 3
    read = Counter(
        (key, event.entity, event.time, event.digest) for key, packed in result.items() for event in packed[0].events()
    )
    assert read == Counter(
        (stream_key(admitted.stream, partition_of(entity, PARTITIONS)), entity, admitted.time, digest)
        for admitted, entity, digest, _ in sent
    )


async def test_one_write_is_one_transaction(valkey: Redis, valkey_server: str) -> None:
    async with publisher_on(valkey_server) as publisher, valkey.monitor() as monitor:
        writing = asyncio.create_task(publisher.publish(logged_events(8), [DEAD_LETTER]))
        seen: list[str] = []
        while not seen or seen[-1] != "EXEC":
            command = await monitor.next_command()
            if command["client_type"] != "lua":
                seen.append(str(command["command"]).split()[0])
        await writing
    assert seen[seen.index("MULTI") :] == ["MULTI", *["XADD"] * 4, "EVAL", "EXEC"]


async def test_single_events_that_arrive_together_share_one_write(valkey: Redis, valkey_server: str) -> None:
    one_partition = [
        LoggedEvent(AdmittedEvent(SHAPE, "accounts", n, 0), bytes(16), n.to_bytes(8), KEY) for n in range(30)
    ]
    async with publisher_on(valkey_server, share_within=0.05) as publisher:
        await asyncio.gather(
            *(publisher.publish([event], []) for event in one_partition), publisher.publish([], [DEAD_LETTER])
        )
        assert [len(entry.times) for entry in entries(valkey_server)["accounts:{0}"]] == [30]
        assert await valkey.xlen(DEADLETTERS) == 1
        await publisher.publish(one_partition[:1], [])
        assert [len(entry.times) for entry in entries(valkey_server)["accounts:{0}"]] == [30, 1]


async def test_a_request_of_several_events_does_not_wait_for_others(valkey: Redis, valkey_server: str) -> None:
    async with publisher_on(valkey_server, share_within=3600) as publisher:
        await asyncio.wait_for(publisher.publish(logged_events(2), []), 20)
    assert sum(map(len, (entries(valkey_server)).values())) == 2


async def test_all_who_share_a_write_learn_that_it_failed(valkey: Redis, valkey_server: str) -> None:
    async with publisher_on(valkey_server, share_within=0.05) as publisher:
        await full(valkey)
        outcomes = await asyncio.gather(
            *(publisher.publish([event], []) for event in logged_events(5)), return_exceptions=True
        )
        await valkey.config_set("maxmemory", 0)
        assert [type(outcome) for outcome in outcomes] == [StoreUnavailableError] * 5
        assert entries(valkey_server) == {}
        await publisher.publish(logged_events(1), [])
        assert len(entries(valkey_server)) == 1


async def test_a_full_store_takes_nothing_of_a_request(valkey: Redis, valkey_server: str) -> None:
    async with publisher_on(valkey_server) as publisher:
        await full(valkey)
        with pytest.raises(StoreUnavailableError, match="redis is full"):
            await publisher.publish(logged_events(8), [DEAD_LETTER])
        await valkey.config_set("maxmemory", 0)
    assert entries(valkey_server) == {}
    assert await valkey.xlen(DEADLETTERS) == 0


async def full(redis: Redis) -> None:
    await redis.config_set("maxmemory-policy", "noeviction")
    await redis.config_set("maxmemory", 1)


async def test_an_error_inside_the_transaction_is_no_success(valkey: Redis, valkey_server: str) -> None:
    await valkey.set("accounts:{0}", "not a stream")
    async with publisher_on(valkey_server) as publisher:
        with pytest.raises(StoreUnavailableError, match="redis refuses a command"):
            await publisher.publish(logged_events(1), [])


async def test_a_store_that_is_away_is_an_error(tmp_path: Path) -> None:
    with running_valkey(tmp_path) as url:
        async with publisher_on(url) as publisher:
            await publisher.publish(logged_events(1), [])
            async with Redis.from_url(url) as redis:
                with contextlib.suppress(ConnectionError):
                    await redis.shutdown(nosave=True)
            with pytest.raises(StoreUnavailableError):
                await publisher.publish(logged_events(1), [])


@pytest.fixture
def replicated(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A primary and a second Valkey that replicates it."""
    folders = tmp_path / "primary", tmp_path / "replica"
    for folder in folders:
        folder.mkdir()
    with running_valkey(folders[0]) as primary, running_valkey(folders[1]) as replica:
        yield primary, replica


async def test_replica_durability_waits_for_a_real_replica(replicated: tuple[str, str]) -> None:
    primary, replica = replicated
    async with Redis.from_url(replica) as copy, publisher_on(primary, replica_timeout=1.0) as publisher:
        await copy.replicaof("127.0.0.1", primary.rpartition(":")[2].partition("/")[0])
        await eventually(lambda: _linked(copy))
        for number in range(20):
            await publisher.publish(logged_events(1), [])
            assert await copy.xlen("accounts:{0}") == number + 1
        await copy.replicaof("NO", "ONE")
        with pytest.raises(StoreUnavailableError, match="no replica"):
            await publisher.publish(logged_events(2), [])


async def _linked(copy: Redis) -> bool:
    return bool((await copy.info("replication")).get("master_link_status") == "up")


async def test_replica_durability_refuses_where_there_is_no_replica(valkey: Redis, valkey_server: str) -> None:
    async with publisher_on(valkey_server, replica_timeout=0.01) as publisher:
        for number in (1, 3):
            with pytest.raises(StoreUnavailableError, match="no replica confirmed"):
                await publisher.publish(logged_events(number), [])

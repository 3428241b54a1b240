"""How ingest looks after its store on a real Valkey: opens it with patience, and notices when it is another one."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from services.ingest.dead_letter_stream import DeadLetterLimits
from services.ingest.instruments import Instruments
from services.ingest.monitor import StoreMonitor
from shared.log.keys import STORE
from shared.runtime.server import cancel_and_wait
from shared.runtime.store import StoreMismatchError, open_store, wait_for_store
from tests.support.waiting import eventually

EXPECTED = {"partitions": "4", "pseudonym fingerprint": "abc"}
BRIEFLY = 0.005


@contextlib.asynccontextmanager
async def monitoring(redis: Redis) -> AsyncIterator[tuple[StoreMonitor, asyncio.Task[None]]]:
    monitor = StoreMonitor(redis, EXPECTED, Instruments(), DeadLetterLimits(9, 999, 9))
    task = asyncio.create_task(monitor.run(BRIEFLY))
    await eventually(lambda: _is(monitor.store is not None))
    yield monitor, task
    await cancel_and_wait(task)  # the client can lose one cancellation


async def _is(true: bool) -> bool:
    return true


async def test_the_identity_is_written_once_and_read_for_ever_after(valkey: Redis) -> None:
    first = await open_store(valkey, EXPECTED)
    assert await open_store(valkey, EXPECTED) == first
    assert await open_store(valkey, {"partitions": "4"}) == first
    for name in EXPECTED:
        with pytest.raises(StoreMismatchError, match=name):
            await open_store(valkey, EXPECTED | {name: "other"})
    assert (await valkey.hgetall(STORE))[b"partitions"] == b"4"


async def test_an_open_store_that_is_full_can_be_opened(valkey: Redis) -> None:
    store = await open_store(valkey, EXPECTED)
    await valkey.config_set("maxmemory", 1)
    try:
        assert await open_store(valkey, EXPECTED) == store
    finally:
        await valkey.config_set("maxmemory", 0)


async def test_an_empty_store_that_is_full_is_waited_for_and_said(
    valkey: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    await valkey.config_set("maxmemory", 1)
    with caplog.at_level(logging.WARNING):
        opening = asyncio.create_task(wait_for_store(valkey, EXPECTED, BRIEFLY))
        await eventually(lambda: _is(bool(caplog.records)))
    assert not opening.done()
    await valkey.config_set("maxmemory", 0)
    assert await asyncio.wait_for(opening, 20)
    assert [record.getMessage() for record in caplog.records] == ["the store cannot be opened yet"]


async def test_a_store_emptied_under_a_running_process_is_opened_again(valkey: Redis) -> None:
    async with monitoring(valkey) as (monitor, _):
        before = monitor.store
        await valkey.flushall()
        await eventually(lambda: _is(monitor.store != before))
        assert (await valkey.hgetall(STORE))[b"pseudonym fingerprint"] == b"abc"


async def test_a_store_put_back_from_other_settings_ends_the_process(valkey: Redis) -> None:
    async with monitoring(valkey) as (_, task):
        await valkey.hset(STORE, "pseudonym fingerprint", "another")
        with pytest.raises(StoreMismatchError, match="fingerprint"):
            await asyncio.wait_for(task, 20)

"""Events tell of changed figures, once each, and every stream ends when the server stops."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import pytest

from services.board.events import RETRY, Live


class Days:
    """The day that pages call today."""

    def __init__(self) -> None:
        self.day = dt.date(2023, 7, 1)

    def live(self) -> Live:
        return Live(lambda: self.day, "run")


@pytest.fixture
def days() -> Days:
    return Days()


async def next_of(stream: AsyncIterator[str]) -> str:
    async with asyncio.timeout(5):
        return await anext(stream)


async def test_a_listener_who_is_up_to_date_hears_of_the_next_change_only(days: Days) -> None:
    live = days.live()
    looking = asyncio.create_task(live.run(0.001))
    stream = live.events(live.version)
    assert await next_of(stream) == RETRY
    waiting = asyncio.create_task(next_of(stream))
    await asyncio.sleep(0)
    assert not waiting.done()
    live.changed()
    assert await waiting == f"event: figures\nid: {live.version}\ndata: {live.version}\n\n"
    looking.cancel()


async def test_a_listener_who_is_behind_hears_at_once(days: Days) -> None:
    stream = days.live().events("run-20230630-0")
    await next_of(stream)
    assert "event: figures" in await next_of(stream)


async def test_many_changes_at_once_are_one_event(days: Days) -> None:
    live = days.live()
    running = asyncio.create_task(live.run(0.05))
    stream = live.events(live.version, heartbeat=0.3)
    await next_of(stream)
    waiting = asyncio.create_task(next_of(stream))
    await asyncio.sleep(0)
    live.changed()
    await waiting
    waiting = asyncio.create_task(next_of(stream))
    for _ in range(20):
        live.changed()
        await asyncio.sleep(0)
    assert f"data: {live.version}\n" in await waiting
    assert (await next_of(stream)).startswith(": ")
    running.cancel()


async def test_a_new_day_is_news(days: Days) -> None:
    live = days.live()
    before = live.version
    days.day += dt.timedelta(days=1)
    assert live.version != before


async def test_silence_is_filled_with_comments(days: Days) -> None:
    live = days.live()
    stream = live.events(live.version, heartbeat=0.001)
    await next_of(stream)
    assert (await next_of(stream)).startswith(": ")


async def test_stopping_ends_every_stream(days: Days) -> None:
    live = days.live()
    streams = [live.events(live.version) for _ in range(3)]
    for stream in streams:
        await next_of(stream)
    ends = [asyncio.create_task(next_of(stream)) for stream in streams]
    await asyncio.sleep(0)
    live.stop()
    for end in ends:
        with pytest.raises((StopAsyncIteration, RuntimeError)):
            await end

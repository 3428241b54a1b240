"""Events tell of changed figures, once each, and every stream ends when the server stops."""

import asyncio
import datetime as dt
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.event import ensure_bytes
from sse_starlette.sse import AppStatus

from services.board.events import RETRY, Live
from shared.runtime.server import Server


class Days:
    """The day that pages call today."""

    def __init__(self) -> None:
        self.day = dt.date(2023, 7, 1)

    def live(self) -> Live:
        return Live(lambda: self.day, "run")


@pytest.fixture
def days() -> Days:
    return Days()


async def next_of(stream: AsyncIterator[ServerSentEvent]) -> str:
    """The next event as it is sent."""
    async with asyncio.timeout(5):
        return ensure_bytes(await anext(stream), "\n").decode()


class Sent:
    """What a response sends to a client that stays connected."""

    def __init__(self, response: EventSourceResponse) -> None:
        self.messages: asyncio.Queue[Any] = asyncio.Queue()
        scope = {"type": "http", "method": "GET"}
        self.answering = asyncio.create_task(response(scope, asyncio.Event().wait, self.messages.put))  # type: ignore[arg-type]

    async def next(self) -> Any:
        async with asyncio.timeout(5):
            return await self.messages.get()


async def test_a_listener_who_is_up_to_date_hears_of_the_next_change_only(days: Days) -> None:
    live = days.live()
    looking = asyncio.create_task(live.run(0.001))
    stream = live.events(live.version)
    assert await next_of(stream) == f"retry: {RETRY}\n\n"
    waiting = asyncio.create_task(next_of(stream))
    await asyncio.sleep(0)
    assert not waiting.done()
    live.changed()
    assert await waiting == f"id: {live.version}\nevent: figures\ndata: {live.version}\n\n"
    looking.cancel()


async def test_a_listener_who_is_behind_hears_at_once(days: Days) -> None:
    stream = days.live().events("run-20230630-0")
    await next_of(stream)
    assert "event: figures" in await next_of(stream)


async def test_many_changes_at_once_are_one_event(days: Days) -> None:
    live = days.live()
    running = asyncio.create_task(live.run(0.05))
    stream = live.events(live.version)
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
    waiting = asyncio.create_task(next_of(stream))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    waiting.cancel()
    running.cancel()


async def test_a_new_day_is_news(days: Days) -> None:
    live = days.live()
    before = live.version
    days.day += dt.timedelta(days=1)
    assert live.version != before


async def test_silence_is_filled_with_comments_and_nothing_stores_the_stream(days: Days) -> None:
    live = days.live()
    sent = Sent(live.response(live.version, heartbeat=0.001))
    headers = dict((await sent.next())["headers"])
    assert headers[b"content-type"].startswith(b"text/event-stream")
    assert (headers[b"cache-control"], headers[b"x-accel-buffering"]) == (b"no-store", b"no")
    bodies = [(await sent.next())["body"] for _ in range(2)]
    assert bodies == [f"retry: {RETRY}\n\n".encode(), b": still here\n\n"]
    sent.answering.cancel()


async def test_a_client_that_leaves_is_no_listener_any_more(days: Days) -> None:
    live = days.live()
    sent = Sent(live.response(live.version))
    await sent.next()
    await sent.next()
    assert live.listeners == 1
    sent.answering.cancel()
    await asyncio.wait({sent.answering})
    assert live.listeners == 0


async def test_a_stop_ends_the_response_at_once_and_leaves_later_servers_of_the_process_alone(days: Days) -> None:
    live = days.live()
    sent = Sent(live.response(live.version))
    await sent.next()
    await sent.next()
    server = Server(uvicorn.Config(FastAPI()), live.stop)
    server.handle_exit(signal.SIGTERM, None)
    live.stop()
    async with asyncio.timeout(0.4):
        await sent.answering
    assert server.should_exit
    assert not AppStatus.should_exit


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

"""The door by itself: bodies that are too large or do not come, places that run out, and faults of ours."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from services.ingest import request_guard
from services.ingest.instruments import Instruments
from services.ingest.rejections import RequestRefusedError
from services.ingest.request_guard import RequestGuard
from shared.http.problems import install_problem_handlers
from tests.support.bearer import authentication
from tests.support.sample_events import key


def guard(
    max_in_flight: int = 1, max_body_bytes: int = 10, max_bytes_in_flight: int = 100, body_within: float = 20
) -> RequestGuard:
    return RequestGuard(
        authentication(), Instruments(), max_in_flight, max_body_bytes, max_bytes_in_flight, body_within
    )


def request(*chunks: bytes | None, **headers: str) -> Request:
    """A request whose body comes in `chunks`; None stands for one that never comes."""
    waiting = list(chunks)

    async def receive() -> dict[str, Any]:
        chunk = waiting.pop(0)
        if chunk is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": named}, receive)


async def status(guard: RequestGuard, request: Request) -> int:
    with pytest.raises(RequestRefusedError) as caught:
        async with guard.body(request, key()):
            pass
    return caught.value.status


async def test_a_body_is_put_together() -> None:
    async with guard().body(request(b"12345", b"", b"67890"), key()) as body:
        assert body == b"1234567890"


async def test_a_body_over_the_limit_is_not_read_to_its_end() -> None:
    assert await status(guard(), request(b"12345", b"678901", None)) == 413
    assert await status(guard(), request(None, content_length="11")) == 413


async def test_a_body_that_does_not_come_is_given_up() -> None:
    assert await status(guard(body_within=0.01), request(b"12", None)) == 408


def test_one_too_many_is_refused_for_now() -> None:
    full = guard(max_in_flight=1)
    with full.place(key()), pytest.raises(RequestRefusedError) as caught, full.place(key()):
        pass
    assert (caught.value.status, caught.value.retry_after) == (429, 1)


async def test_a_body_without_room_waits_with_its_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_guard, "ROOM_WITHIN", 0.01)
    full = guard(max_bytes_in_flight=16)
    async with full.body(request(b"1234567890", content_length="10"), key()) as body:
        assert body == b"1234567890"
        with pytest.raises(RequestRefusedError) as caught:
            async with full.body(request(None, content_length="10"), key()):
                pass
        assert (caught.value.status, caught.value.retry_after) == (429, 1)
        async with full.body(request(b"12", content_length="2"), key()) as body:
            assert body == b"12"


async def test_a_fault_of_ours_is_answered_without_its_traceback() -> None:
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/")
    async def fail() -> None:
        raise RuntimeError("something secret")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/")
    assert response.status_code == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "secret" not in response.text

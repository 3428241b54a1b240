"""The HTTP protocol's limits, over real sockets: long, slow and endless heads and bodies, and offers to upgrade."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI, Request

from shared.runtime import http_protocol
from shared.runtime.http_protocol import HEAD_BYTES, LimitedProtocol
from tests.support.waiting import eventually

OFFER = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA\r\n"


def holds(condition: Callable[[], Any]) -> Callable[[], Awaitable[Any]]:
    async def held() -> Any:
        return condition()

    return held


class Service(NamedTuple):
    port: int
    bodies: list[bytes]
    server: uvicorn.Server


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    app, bodies = FastAPI(), list[bytes]()

    @app.post("/echo")
    async def echo(request: Request) -> dict[str, int]:
        bodies.append(await request.body())
        return {"bytes": len(bodies[-1]), "number": len(bodies)}

    @app.post("/refuse", status_code=413)
    async def refuse() -> None:
        pass

    server = uvicorn.Server(uvicorn.Config(app, http=LimitedProtocol, ws="none", lifespan="off", log_config=None))
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve([bound]))
        await eventually(holds(lambda: server.started))
        yield Service(bound.getsockname()[1], bodies, server)
        server.should_exit = True
        await serving


async def answers(service: Service, *parts: bytes, end: bool = False) -> bytes:
    """All that is answered until the service closes; each part is a segment of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    for part in parts:
        writer.write(part)
        await asyncio.sleep(0.01)
    if end:
        writer.write_eof()
    answered = await reader.read()
    writer.close()
    return answered


def post(body: bytes, headers: str = "", path: str = "/echo") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


LAST = post(b"last", "Connection: close\r\n")


@pytest.mark.parametrize(
    "head",
    [
        b"POST /echo HTTP/1.1\r\nX: " + b"a" * HEAD_BYTES,
        b"POST /echo HTTP/1.1\r\n" + b"a: b\r\n" * (HEAD_BYTES // 6),
        b"GET /" + b"a" * HEAD_BYTES,
        post(b"", f"X: {'a' * HEAD_BYTES}\r\n") + LAST,
        post(b"", OFFER + f"X: {'a' * HEAD_BYTES}\r\n") + LAST,
    ],
)
async def test_long_headers_are_431(service: Service, head: bytes) -> None:
    answered = await answers(service, head)
    assert answered.startswith(b"HTTP/1.1 431 ")
    assert service.bodies == []
    problem = json.loads(answered.rpartition(b"\r\n\r\n")[2])
    assert problem["status"] == 431
    assert "65536 bytes" in problem["detail"]


async def test_long_headers_after_another_request_are_not_read(service: Service) -> None:
    await answers(service, post(b"first") + post(b"second", f"X: {'a' * HEAD_BYTES}\r\n") + LAST)
    assert b"second" not in service.bodies
    assert b"last" not in service.bodies


async def test_endless_headers_are_cut_off(service: Service) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(b"POST /echo HTTP/1.1\r\nX: ")

    async def endless() -> None:
        for _ in range(1000):
            writer.write(b"a" * HEAD_BYTES)
            await writer.drain()
            await asyncio.sleep(0)

    with pytest.raises(ConnectionError):
        await endless()
    writer.close()


async def test_headers_as_long_as_allowed_are_read(service: Service) -> None:
    long = post(b"x", f"Connection: close\r\nX: {'a' * (HEAD_BYTES - 200)}\r\n")
    assert (await answers(service, long)).startswith(b"HTTP/1.1 200 ")
    assert (await answers(service, *(long[at : at + 9000] for at in range(0, len(long), 9000)))).endswith(
        b'"number":2}'
    )


@pytest.mark.parametrize("cut", [1, 60, 170, 200, 10_000])
async def test_an_offer_to_upgrade_is_ignored_and_its_body_kept(service: Service, cut: int) -> None:
    inner = post(b"smuggled", path="/echo")
    sent = post(inner * 200, OFFER) + post(b"chunk", "Connection: keep-alive, upgrade\r\nUpgrade: websocket\r\n") + LAST
    answered = await answers(service, sent[:cut], sent[cut:])
    assert service.bodies == [inner * 200, b"chunk", b"last"]
    assert answered.count(b"HTTP/1.1 200") == 3


async def test_an_offer_with_a_body_in_chunks(service: Service) -> None:
    head = f"POST /echo HTTP/1.1\r\nHost: x\r\n{OFFER}Transfer-Encoding: chunked\r\n\r\n".encode()
    await answers(service, head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n", LAST)
    assert service.bodies == [b"abcde", b"last"]


async def test_connect_is_refused(service: Service) -> None:
    answered = await answers(service, b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n" + LAST)
    assert answered.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in answered
    assert service.bodies == []


@pytest.mark.parametrize(
    ("limit", "parts", "status"),
    [
        ("HEAD_WITHIN", [b"POST /echo HTT"], b"HTTP/1.1 408 "),
        ("HEAD_WITHIN", [post(b"a"), b"POST /echo HTT"], b"HTTP/1.1 200 "),
        ("HEAD_WITHIN", [], b""),
        ("HEAD_WITHIN", [b"\r\n"], b""),
        ("BODY_WITHIN", [post(b"abc")[:-1]], b""),
        ("LINGER", [post(b"abc", path="/refuse")[:-1]], b"HTTP/1.1 413 "),
    ],
)
async def test_what_comes_too_slowly_is_ended(
    service: Service, monkeypatch: pytest.MonkeyPatch, limit: str, parts: list[bytes], status: bytes
) -> None:
    monkeypatch.setattr(http_protocol, limit, 0.1)
    assert (await answers(service, *parts)).startswith(status)
    await eventually(holds(lambda: not service.server.server_state.connections))


async def test_no_deadline_is_left_of_what_came_whole(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_WITHIN", 0.05)
    monkeypatch.setattr(http_protocol, "BODY_WITHIN", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    for _ in range(2):
        writer.write(post(b"a"))
        await reader.readuntil(b"}")
        await asyncio.sleep(0.1)
    writer.close()


async def test_a_client_that_ends_its_side_is_answered(service: Service) -> None:
    assert (await answers(service, post(b"a"), end=True)).startswith(b"HTTP/1.1 200")


async def test_connections_are_counted(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "MAX_CONNECTIONS", 0)
    assert (await answers(service)).startswith(b"HTTP/1.1 503 ")

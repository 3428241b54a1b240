"""What every service's HTTP application has: HEAD and OPTIONS on every path, problems, no redirect, no pages."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from starlette.types import Scope

from shared.http.application import make_app


def application() -> FastAPI:
    def handshake(scope: Scope) -> Iterable[tuple[str, str]]:
        return [("X-Asked", scope["path"])]

    app = make_app("tests", "An application.", on_options=handshake)

    @app.get("/read")
    async def read() -> dict[str, str]:
        return {"some": "content"}

    @app.post("/write/{name}")
    async def write(name: str) -> str:
        return name

    @app.get("/both")
    @app.post("/both")
    async def both() -> None: ...

    @app.get("/endless")
    async def endless() -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            for _ in range(10):
                yield "line\n"

        return StreamingResponse(lines())

    @app.get("/broken")
    async def broken() -> None:
        raise OverflowError("a secret")

    return app


def ask(method: str, path: str, **headers: str) -> httpx.Response:
    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(application(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://tests") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(answer())


@pytest.mark.parametrize("path", ["/read", "/both", "/openapi.json"])
def test_head_is_get_without_content(path: str) -> None:
    got, head = ask("GET", path), ask("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == got.headers
    assert int(head.headers["content-length"]) == len(got.content)


def test_head_of_a_stream_ends() -> None:
    assert (ask("HEAD", "/endless").status_code, ask("HEAD", "/endless").content) == (200, b"")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/read", "GET, HEAD, OPTIONS"),
        ("/write/x", "OPTIONS, POST"),
        ("/both", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_options_lists_the_methods_of_a_path(path: str, allowed: str) -> None:
    response = ask("OPTIONS", path)
    assert (response.status_code, response.content, response.headers["allow"]) == (200, b"", allowed)
    assert response.headers["x-asked"] == path


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/read/", 404),
        ("POST", "/write/x/", 404),
        ("GET", "/nothing", 404),
        ("OPTIONS", "/nothing", 404),
        ("HEAD", "/nothing", 404),
        ("GET", "/docs", 404),
        ("GET", "/redoc", 404),
        ("POST", "/read", 405),
        ("HEAD", "/write/x", 405),
        ("PROPFIND", "/read", 405),
        ("GET", "/broken", 500),
    ],
)
def test_everything_else_is_a_problem(method: str, path: str, status: int) -> None:
    response = ask(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert "location" not in response.headers
    assert "secret" not in response.text
    if method != "HEAD":
        assert response.json()["status"] == status

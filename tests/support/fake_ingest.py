"""A real HTTP server that answers as ingest does, and fails as a test tells it to."""

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn

from shared.domain.catalogue import load_catalogue

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

Step = str | tuple[int, str]

KEY = "a-key-for-tests"


class FakeIngest:
    """Counts how often each event came; `script` holds what to do with the next requests: "take" when it is empty.

    "busy" answers 503 with Retry-After 0; "lose" takes the events and closes the connection in the answer; "hold"
    takes them and never answers until `release` is set; a problem (status, detail) answers just that.
    """

    def __init__(self) -> None:
        self.url = ""
        self.store = "store-1"
        self.now = "2023-07-01T08:00:00+07:00"
        self.recorded: dict[str, str] = {}
        self.received: Counter[str] = Counter()
        self.requests: list[dict[str, str]] = []
        self.script: list[Step] = []
        self.max_bytes = 1_048_576
        self.max_events = 1000
        self.unwanted = ""
        self.held = asyncio.Event()
        self.release = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in (known := {"/readyz": self.ready, "/v1/catalogue": self.catalogue}):
            await answer(send, 200, known[scope["path"]]())
            return
        body = await read(receive)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.requests.append(headers)
        if headers.get("authorization") != f"Bearer {KEY}":
            await problem(send, 401, "no such key")
            return
        match self.script.pop(0) if self.script else "take":
            case "busy":
                await problem(send, 503, "the store is away", [(b"retry-after", b"0")])
            case "lose":
                self.take(body)
                await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"99")]})
                await send({"type": "http.response.body", "body": b'{"acc'})
            case "hold":
                self.take(body)
                self.held.set()
                await self.release.wait()
            case (int(status), str(detail)):
                await problem(send, status, detail)
            case _:
                await self.answer_for(body, send)

    def ready(self) -> dict[str, Any]:
        return {"status": "ready", "store": self.store, "time": self.now}

    def catalogue(self) -> dict[str, Any]:
        return load_catalogue(Path("deploy/catalogue")).model_dump(mode="json", exclude={"targets"})

    async def answer_for(self, body: bytes, send: Send) -> None:
        if len(body) > self.max_bytes or len(json.loads(body)) > self.max_events:
            await problem(send, 413, "send less at once")
            return
        rejected = self.take(body)
        count = len(json.loads(body))
        await answer(send, 202, {"accepted": count - len(rejected), "rejected": rejected})

    def take(self, body: bytes) -> list[dict[str, Any]]:
        rejected = []
        for index, event in enumerate(json.loads(body)):
            self.received[event.get("id", "")] += 1
            self.recorded[event.get("id", "")] = event["recordedtime"]
            if event.get("data", {}).get("unit") == "nowhere":
                detail = "unit 'nowhere' is not in the catalogue"
                rejected.append({"index": index, "id": event["id"], "code": "unknown_unit", "detail": detail})
            elif event.get("time", "").startswith(self.unwanted or "never"):
                detail = f"time {event['time']} is more than 10 minutes ahead"
                rejected.append({"index": index, "id": event["id"], "code": "time_in_future", "detail": detail})
        return rejected


@asynccontextmanager
async def running() -> AsyncIterator[FakeIngest]:
    """The server on a port of its own, closed with everything in it at the end."""
    ingest = FakeIngest()
    listening = socket.create_server(("127.0.0.1", 0))
    ingest.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(ingest, ws="none", lifespan="off", log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield ingest
    finally:
        ingest.release.set()
        server.should_exit = True
        await serving


async def read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message["body"])
        more = message["more_body"]
    return b"".join(parts)


async def answer(send: Send, status: int, content: object, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers or []})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})


async def problem(send: Send, status: int, detail: str, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    kind = (b"content-type", b"application/problem+json")
    await answer(send, status, {"title": "Problem", "status": status, "detail": detail}, [kind, *(headers or [])])

"""The load generator: posts requests that were built beforehand, over kept-alive connections, and checks each answer.

It shares the two cores with what it measures, so it is as cheap as honest sending can be: one `write` per request,
and of the answer the status line and the body. Run as `python -m benchmarks.load PORT CONNECTIONS FILE`; it says
`ready`, starts at a line on its standard input, and ends with a line of JSON.
"""

import asyncio
import json
import pickle
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import PIPE, Popen
from typing import NamedTuple, cast

import uvloop

CONNECTIONS = 8


class Sent(NamedTuple):
    """When sending began and the last answer came (monotonic seconds), and when each answer came."""

    began: float
    ended: float
    answered: list[float]


class WrongAnswerError(RuntimeError):
    """The service did not accept what was sent."""


def request(body: bytes, key: str, path: str = "/v1/events") -> bytes:
    """A whole HTTP request that posts a batch."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/cloudevents-batch+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection(asyncio.Protocol):
    """Sends one request after the other, each once the one before is answered."""

    def __init__(self, requests: Iterator[tuple[bytes, int]], times: list[float]) -> None:
        self._requests = requests
        self._times = times
        self._buffer = b""
        self._accepted = b""
        self._transport: asyncio.WriteTransport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def send_next(self) -> None:
        assert self._transport is not None
        following = next(self._requests, None)
        if following is None:
            self._transport.close()
            self.done.set_result(None)
            return
        content, events = following
        self._accepted = b'"accepted":%d,' % events
        self._transport.write(content)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._buffer = b""
        if not head.startswith(b"HTTP/1.1 202") or self._accepted not in body.replace(b" ", b""):
            self.done.set_exception(WrongAnswerError(f"{head[:80]!r} {body[:200]!r}"))
            return
        self._times.append(time.monotonic())
        self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the service closed the connection"))


def _length(head: bytes) -> int:
    start = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[start:].split(b"\r\n", 1)[0])


async def send(port: int, connections: int, requests: Sequence[tuple[bytes, int]]) -> Sent:
    """Post `requests` (bytes, and the number of events that must be accepted), one at a time per connection."""
    times: list[float] = []
    following = iter(requests)
    loop = asyncio.get_running_loop()
    opened: list[Connection] = []
    for _ in range(connections):
        _, protocol = await loop.create_connection(lambda: Connection(following, times), "127.0.0.1", port)
        opened.append(protocol)
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    began = time.monotonic()
    for connection in opened:
        connection.send_next()
    await asyncio.gather(*(connection.done for connection in opened))
    return Sent(began, max(times), times)


class Generator:
    """The load generator in a process of its own, connected and waiting for the start."""

    def __init__(self, port: int, requests: Sequence[tuple[bytes, int]], folder: Path) -> None:
        file = folder / "requests"
        file.write_bytes(pickle.dumps(list(requests)))
        command = [sys.executable, "-m", "benchmarks.load", str(port), str(CONNECTIONS), str(file)]
        self._process = Popen(command, stdin=PIPE, stdout=PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the load generator did not start"

    def run(self) -> Sent:
        """Send everything; returns when the last request is answered.

        Raises:
            WrongAnswerError: a request was not answered with 202 for all its events.
        """
        output, _ = self._process.communicate("\n")
        if self._process.returncode:
            raise WrongAnswerError("a request was not accepted; the reason is above")
        return Sent(*json.loads(output))


def main() -> None:
    port, connections, file = sys.argv[1:]
    requests = pickle.loads(Path(file).read_bytes())  # noqa: S301 - written by our own parent process
    print(json.dumps(uvloop.run(send(int(port), int(connections), requests))))


if __name__ == "__main__":
    main()

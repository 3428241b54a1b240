"""The load generator: posts requests that were built beforehand, over kept-alive connections, and checks each answer.

It shares the two cores with what it measures, so it is as cheap as honest sending can be: one `write` per request,
and of the answer the status line and the body. Run as `python -m benchmarks.load PORT CONNECTIONS RATE FILE`; it says
`ready`, starts at a line on its standard input, and ends with a line of JSON.
"""

import asyncio
import json
import math
import pickle
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
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


def paced(requests: Iterable[tuple[bytes, int]], rate: float) -> Iterator[tuple[bytes, int, float]]:
    """Each request with the seconds after the start before which it must not go; `rate` in events per second."""
    due = 0.0
    for content, events in requests:
        yield content, events, due
        due += events / rate


class Connection(asyncio.Protocol):
    """Sends one request after the other, each once the one before is answered and not before it is due."""

    def __init__(self, requests: Iterator[tuple[bytes, int, float]], times: list[float]) -> None:
        self._requests = requests
        self._times = times
        self._buffer = b""
        self._accepted = b""
        self._transport: asyncio.WriteTransport | None = None
        self._loop = asyncio.get_running_loop()
        self._began = 0.0
        self.done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def start(self) -> None:
        self._began = self._loop.time()
        self._send_next()

    def _send_next(self) -> None:
        assert self._transport is not None
        following = next(self._requests, None)
        if following is None:
            self._transport.close()
            self.done.set_result(None)
            return
        content, events, due = following
        self._accepted = b'"accepted":%d,' % events
        if self._began + due <= self._loop.time():
            self._transport.write(content)
        else:
            self._loop.call_at(self._began + due, self._transport.write, content)

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
        self._send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the service closed the connection"))


def _length(head: bytes) -> int:
    start = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[start:].split(b"\r\n", 1)[0])


async def send(port: int, connections: int, rate: float, requests: Sequence[tuple[bytes, int]]) -> Sent:
    """Post `requests` (bytes, and the number of events that must be accepted), one at a time per connection."""
    times: list[float] = []
    following = paced(requests, rate)
    loop = asyncio.get_running_loop()
    opened: list[Connection] = []
    for _ in range(connections):
        _, protocol = await loop.create_connection(lambda: Connection(following, times), "127.0.0.1", port)
        opened.append(protocol)
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    began = time.monotonic()
    for connection in opened:
        connection.start()
    await asyncio.gather(*(connection.done for connection in opened))
    return Sent(began, max(times), times)


class Generator:
    """The load generator in a process of its own, connected and waiting for the start."""

    def __init__(self, port: int, requests: Sequence[tuple[bytes, int]], folder: Path, rate: float = math.inf) -> None:
        file = folder / "requests"
        file.write_bytes(pickle.dumps(list(requests)))
        command = [sys.executable, "-m", "benchmarks.load", str(port), str(CONNECTIONS), str(rate), str(file)]
        self._process = Popen(command, stdin=PIPE, stdout=PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the load generator did not start"

    def start(self) -> None:
        """Begin to send, at most `rate` events per second."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def running(self) -> bool:
        return self._process.poll() is None

    def result(self) -> Sent:
        """When what was answered; returns when the last request is.

        Raises:
            WrongAnswerError: a request was not answered with 202 for all its events.
        """
        output, _ = self._process.communicate()
        if self._process.returncode:
            raise WrongAnswerError("a request was not accepted; the reason is above")
        return Sent(*json.loads(output))


def main() -> None:
    port, connections, rate, file = sys.argv[1:]
    requests = pickle.loads(Path(file).read_bytes())  # noqa: S301 - written by our own parent process
    print(json.dumps(uvloop.run(send(int(port), int(connections), float(rate), requests))))


if __name__ == "__main__":
    main()

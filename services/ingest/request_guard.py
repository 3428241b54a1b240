"""Request guard: bearer authentication, limits of what is in flight, body size and time limits."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from fastapi import Request
from starlette.requests import ClientDisconnect

from services.ingest.content_coding import gunzipped, is_gzip
from services.ingest.in_flight import InFlight, NoRoomError
from services.ingest.instruments import Instruments
from services.ingest.rejections import RequestRefusedError
from shared.http.authentication import Authentication
from shared.http.keys import Key

BODY_WITHIN = 30.0
"""Seconds a body may take to arrive: a sender that stalls must not hold a slot."""

ROOM_WITHIN = 20.0
"""Seconds a request waits until its body may be read; meanwhile it stays with the sender."""


class RequestGuard:
    """Admits a request, or raises the problem it is answered with."""

    def __init__(
        self,
        authentication: Authentication,
        instruments: Instruments,
        max_in_flight: int,
        max_body_bytes: int,
        max_bytes_in_flight: int,
        body_within: float = BODY_WITHIN,
    ) -> None:
        self._authentication = authentication
        self._instruments = instruments
        self._max_body_bytes = max_body_bytes
        self._body_within = body_within
        self._requests = InFlight(max_in_flight)
        self._bytes = InFlight(max_bytes_in_flight)

    @contextmanager
    def place(self, key: Key) -> Iterator[None]:
        """A place among the requests that are handled at once; 429 when all are taken, or the share of `key`."""
        try:
            with self._requests.taken(key.name), self._instruments.in_flight.track_inprogress():
                yield
        except NoRoomError as error:
            raise _too_many("send fewer at once, or larger batches") from error

    @asynccontextmanager
    async def body(self, request: Request, key: Key) -> AsyncIterator[bytes]:
        """The body, counted among the bytes in flight during the block, and read no further than the limit.

        A compressed one is decoded, within the same limit. 413 past it, 415 for another coding, 429 when there is no
        room for it in time, 408 when it is too slow.
        """
        compressed = is_gzip(request.headers.getlist("content-encoding"))
        declared = request.headers.get("content-length", "")
        size = int(declared) if declared.isdecimal() else self._max_body_bytes
        if size > self._max_body_bytes:
            raise self._too_large()
        try:
            async with self._bytes.awaited(key.name, self._max_body_bytes if compressed else size, ROOM_WITHIN):
                body = await self._read(request)
                yield gunzipped(body, self._max_body_bytes) if compressed else body
        except NoRoomError as error:
            raise _too_many("send smaller batches, or fewer at once") from error

    def authenticate(self, request: Request) -> Key:
        """The key of a sender; raises as `Authentication.key_of`."""
        return self._authentication.key_of(request, "send")

    async def _read(self, request: Request) -> bytes:
        chunks = bytearray()
        try:
            async with asyncio.timeout(self._body_within):
                async for chunk in request.stream():
                    chunks += chunk
                    if len(chunks) > self._max_body_bytes:
                        raise self._too_large()
        except TimeoutError as error:
            detail = f"the body did not arrive within {self._body_within:g} s: send it without pausing"
            raise RequestRefusedError(408, "Body too slow", detail) from error
        except ClientDisconnect as error:
            raise RequestRefusedError(400, "Connection closed", "the body did not arrive whole") from error
        return bytes(chunks)

    def _too_large(self) -> RequestRefusedError:
        return RequestRefusedError(
            413, "Request too large", f"more than {self._max_body_bytes} bytes: send smaller batches"
        )


def _too_many(remedy: str) -> RequestRefusedError:
    return RequestRefusedError(429, "Too many requests", remedy, retry_after=1)

"""Request guard: concurrency limit, bearer authentication, body size and time limits."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request
from starlette.requests import ClientDisconnect

from services.ingest.auth import Key, KeyRing
from services.ingest.instruments import Instruments
from services.ingest.rejections import RequestRefusedError

BODY_WITHIN = 30.0
"""Seconds a body may take to arrive: a sender that stalls must not hold a slot."""


class RequestGuard:
    """Admits a request, or raises the problem it is answered with."""

    def __init__(
        self,
        keys: KeyRing,
        instruments: Instruments,
        max_in_flight: int,
        max_body_bytes: int,
        body_within: float = BODY_WITHIN,
    ) -> None:
        self._keys = keys
        self._instruments = instruments
        self._max_in_flight = max_in_flight
        self._max_body_bytes = max_body_bytes
        self._body_within = body_within
        self._in_flight = 0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A slot among the requests that are handled at once; 429 when all are taken."""
        if self._in_flight >= self._max_in_flight:
            raise RequestRefusedError(429, "Too many requests", "send fewer at once, or larger batches", retry_after=1)
        self._in_flight += 1
        self._instruments.in_flight.inc()
        try:
            yield
        finally:
            self._in_flight -= 1
            self._instruments.in_flight.dec()

    def authenticate(self, request: Request) -> Key:
        """The key of the bearer token; 401 without one that is known."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        key = self._keys.find(token.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise RequestRefusedError(
                401, "Unauthorized", "send `Authorization: Bearer KEY`; the office gives out keys"
            )
        return key

    async def read_body(self, request: Request) -> bytes:
        """The body, read no further than the limit; 413 past it, 408 when it is too slow."""
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_body_bytes:
            raise self._too_large()
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

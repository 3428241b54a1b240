"""HTTP/1.1 as every service speaks it: httptools under limits of header bytes, time and connections.

httptools is the fastest parser uvicorn has, and bounds nothing: docs/decisions/0143-http-server.md.
"""

import asyncio
import json

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.http.problems import PROBLEM, Problem

HEAD_BYTES = 65_536
"""Bytes of a request line and headers; more is 431."""

HEAD_WITHIN = 10.0
"""Seconds from a connection's or request's first byte to the end of its headers; later is 408."""

BODY_WITHIN = 60.0
"""Seconds until the body is there; a service that reads bodies asks for less itself."""

LINGER = 5.0
"""Seconds that a body goes on being read, and thrown away, once its request is answered."""

KEEP_ALIVE = 75
"""Seconds that an idle connection stays open: longer than the 60 of the usual proxies, which must be first to close."""

MAX_CONNECTIONS = 4096
"""Connections of one service: with HEAD_BYTES each, 256 MB at the very most."""

HOP_BY_HOP = frozenset({b"upgrade", b"http2-settings"})
"""Headers that make the offer of another protocol."""


class LimitedProtocol(HttpToolsProtocol):
    """A connection that is ended when a request's headers are too many or too slow, or its body is too slow.

    An offer to upgrade to another protocol, which Java's client makes with each request, is ignored (RFC 9110 section
    7.8); httptools would end the request at its headers and leave the body to be read as the next one.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._awaiting: str | None = None
        """The part of a request that has begun and not ended; None where all that came is whole."""
        self._begun = 0
        self._head_bytes = 0
        self._upgrade_offered = False
        self._deadline: asyncio.TimerHandle | None = None
        self._expect_within(HEAD_WITHIN)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(503, "Too many connections", "close some, or try again later")

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_deadline()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whether to stay open: a client may end its side when it has sent its request, and wait for the answer."""
        if self._awaiting is not None or self.cycle is None or self.cycle.response_started:
            return False
        self.cycle.keep_alive = False
        return True

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        awaited = self._awaiting
        rest = memoryview(data)
        while rest and not self.transport.is_closing():
            self._receive(rest[:HEAD_BYTES])
            rest = rest[HEAD_BYTES:]
        if self.transport.is_closing() or (self._awaiting is None and not self._all_answered):
            self._forget_deadline()
        elif self._deadline is None or self._awaiting != awaited:
            self._expect_within(BODY_WITHIN if self._awaiting == "body" else HEAD_WITHIN)

    def _receive(self, data: memoryview) -> None:
        """Parse at most HEAD_BYTES, and refuse headers that are longer."""
        beginning = 1 if self._awaiting is None else 0
        self._begun = 0
        try:
            self._parse(data)
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, _HeadTooLargeError):
                self._refuse_head()
            else:
                self.send_400_response("the request line cannot be read")
        except httptools.HttpParserError:
            self.send_400_response("this is not HTTP/1.1")
        else:
            if self._awaiting != "head":
                return
            if self._begun == beginning:  # where more than one request began in here, `_count` bounds the last
                self._head_bytes += len(data)
            if self._head_bytes >= HEAD_BYTES:
                self._refuse_head()

    def _parse(self, data: memoryview) -> None:
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = data[offer.args[0] :]
                self._take_without_upgrade()
            else:
                return

    def _take_without_upgrade(self) -> None:
        """Begin the request again in a new parser, without the headers that offered another protocol."""
        method = self.parser.get_method()
        lines = [b"%s %s HTTP/%s" % (method, self.url, self.parser.get_http_version().encode())]
        for name, value in self.headers:
            if name == b"connection":
                value = b",".join(each for each in value.split(b",") if each.strip().lower() not in HOP_BY_HOP)
            if name not in HOP_BY_HOP:
                lines.append(name + b": " + value)
        self._upgrade_offered = False
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        if method == b"CONNECT":
            raise httptools.HttpParserError("CONNECT")
        self.parser.feed_data(b"\r\n".join([*lines, b"", b""]))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._forget_deadline()
        self._awaiting = "head"
        self._begun += 1
        self._head_bytes = 0
        self._counted = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._count(len(name) + len(value) + 4)

    def _count(self, number: int) -> None:
        self._counted += number
        if self._counted > HEAD_BYTES:
            raise _HeadTooLargeError

    def on_headers_complete(self) -> None:
        self._upgrade_offered = self.parser.should_upgrade()
        if not self._upgrade_offered:
            self._awaiting = "body"
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self._upgrade_offered:
            self._awaiting = None
            super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._awaiting == "body" and self._all_answered:
            self._expect_within(LINGER)

    @property
    def _all_answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _expect_within(self, seconds: float) -> None:
        self._forget_deadline()
        self._deadline = self.loop.call_later(seconds, self._too_slow)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        if self._awaiting == "head" and self._head_bytes:
            self._refuse(408, "Headers too slow", f"the headers did not arrive within {HEAD_WITHIN:g} s")
        else:
            self.transport.close()

    def _refuse_head(self) -> None:
        detail = f"the request line and headers are longer than {HEAD_BYTES} bytes: send what is long in the body"
        self._refuse(431, "Headers too large", detail)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "Malformed HTTP", msg)

    def _refuse(self, status: int, title: str, detail: str) -> None:
        """Answer and close; only close where an earlier request of the connection has no answer yet."""
        if self._all_answered:
            problem = Problem(type="about:blank", title=title, status=status, detail=detail)
            body = json.dumps(problem.model_dump()).encode()
            head = f"content-type: {PROBLEM}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head.encode() + body)
        self.transport.close()


class _HeadTooLargeError(Exception):
    pass

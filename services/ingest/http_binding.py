"""From an HTTP request to envelopes: the three content modes of the CloudEvents 1.0 HTTP binding. Pure.

Structured and batched mode carry JSON bodies; binary mode carries attributes in `ce-` headers and data in the body.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from pydantic import ValidationError

from services.ingest.envelope import ENVELOPES, Envelope, validate_event
from services.ingest.json_bodies import BOM, Unreadable, parse_event, parse_events, parse_json
from services.ingest.rejections import NotAdmittedError, RequestRefusedError
from shared.contracts.ingest import Code

BATCH = "application/cloudevents-batch"
STRUCTURED = "application/cloudevents"
JSON_SUFFIX = "+json"
PREFIX = "ce-"
NOT_ATTRIBUTES = frozenset({"data", "data_base64", "datacontenttype"})
"""Members of the JSON format that are no headers in binary mode: data is the body, its type the Content-Type."""

UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii"})
"""Charsets that are UTF-8 or part of it; none given means UTF-8, as JSON has it (RFC 8259 section 8.1)."""

_quoted = re.compile(r'"((?:[^"\\]|\\.)*)"').fullmatch
_escape = re.compile(r"\\(.)")

Headers = Iterable[tuple[str, str]]
"""Every header of a request in order, names in lower case."""


class MediaType(NamedTuple):
    """`name` in lower case, empty where none was sent; `charset` likewise."""

    name: str
    charset: str

    @property
    def is_json(self) -> bool:
        """JSON as the CloudEvents JSON format defines it (section 3.1): subtype `json` or suffix `+json`."""
        return self.name.endswith(("/json", "+json"))

    def require_utf8(self) -> None:
        """Refuse a charset that JSON does not have.

        Raises:
            RequestRefusedError: 415.
        """
        if self.charset not in UTF8:
            raise RequestRefusedError(415, "Unsupported charset", f"charset {self.charset!r}: send UTF-8")


def parse_media_type(content_type: str) -> MediaType:
    """The media type in a Content-Type header."""
    name, *parameters = content_type.lower().split(";")
    charset = ""
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "charset":
            charset = value.strip().strip('"')
    return MediaType(name.strip(), charset)


class ParsedRequest(NamedTuple):
    """The events of a request in order: the envelope of each, or why it has none.

    `raw` gives them as they were sent; it parses the body again where that was not needed so far. `single`: the request
    is one event, not a batch.
    """

    events: list[Envelope] | list[Envelope | NotAdmittedError]
    raw: Callable[[], list[Any]]
    single: bool


def parse_request(headers: Headers, body: bytes, max_events: int) -> ParsedRequest:
    """The events of a request.

    Raises:
        RequestRefusedError: the request as a whole cannot be read: 400, 413 or 415.
    """
    headers = list(headers)
    media_type = parse_media_type(next((value for name, value in headers if name == "content-type"), ""))
    if media_type.name.startswith(BATCH):
        _require_json(media_type, BATCH)
        return _parse_batch(body.removeprefix(BOM), max_events)
    if media_type.name.startswith(STRUCTURED):
        _require_json(media_type, STRUCTURED)
        return _parse_each([parse_event(body)], single=True)
    if any(name.startswith(PREFIX) for name, _ in headers):
        return _parse_each([_binary_event(headers, media_type, body)], single=True)
    raise RequestRefusedError(
        415,
        "Unsupported media type",
        f"send {STRUCTURED}{JSON_SUFFIX}, {BATCH}{JSON_SUFFIX}, or one event in ce-* headers",
    )


def _require_json(media_type: MediaType, mode: str) -> None:
    if media_type.name != mode + JSON_SUFFIX:
        detail = f"{media_type.name}: only {mode}{JSON_SUFFIX} is read here"
        raise RequestRefusedError(415, "Unsupported event format", detail)
    media_type.require_utf8()


def _parse_batch(body: bytes, max_events: int) -> ParsedRequest:
    envelopes = _all_valid(body)
    if envelopes is not None:
        _check_length(len(envelopes), max_events)
        return ParsedRequest(envelopes, lambda: parse_events(body, max_events), single=False)
    events = parse_events(body, max_events)
    _check_length(len(events), max_events)
    return _parse_each(events, single=False)


def _all_valid(body: bytes) -> list[Envelope] | None:
    """A batch whose events are all valid, parsed in one call; None where each event must be parsed by itself.

    The validator takes NaN and Infinity, which are not JSON, and leaves data_base64 as it is.
    """
    if b"NaN" in body or b"Infinity" in body:
        return None
    try:
        envelopes = ENVELOPES.validate_json(body)
    except ValidationError:
        return None
    return None if any("data_base64" in event for event in envelopes) else envelopes


def _check_length(length: int, max_events: int) -> None:
    if length > max_events:
        raise RequestRefusedError(413, "Too many events", f"{length} events in one batch: send at most {max_events}")


def _parse_each(events: list[Any], *, single: bool) -> ParsedRequest:
    raw = [event.attributes if isinstance(event, Unreadable) else event for event in events]
    return ParsedRequest([_parse_event(event) for event in events], lambda: raw, single)


def _parse_event(raw: Any) -> Envelope | NotAdmittedError:
    if isinstance(raw, Unreadable):
        return NotAdmittedError(Code.UNREADABLE_EVENT, f"the event cannot be read: {raw.reason}")
    try:
        envelope = validate_event(raw)
        if envelope.get("data_base64") is not None:
            _unpack_data(envelope)
    except NotAdmittedError as problem:
        return problem
    return envelope


def _unpack_data(envelope: Envelope) -> None:
    """Put what `data_base64` holds in the place of `data`.

    Raises:
        NotAdmittedError: both are there, or it is not JSON by its name (JSON format, section 3.1.2) or content.
    """
    if envelope.get("data") is not None:
        raise NotAdmittedError(Code.INVALID_DATA, "data and data_base64 are both there: send one of them")
    if not parse_media_type(envelope.get("datacontenttype") or "").is_json:
        wording = "data_base64 is JSON only with a datacontenttype that says so: add application/json, or send data"
        raise NotAdmittedError(Code.INVALID_DATA, wording)
    envelope["data"] = decode_base64(envelope["data_base64"])


def decode_base64(data: Any) -> Any:
    """The JSON value that `data_base64` holds.

    Raises:
        NotAdmittedError: not base64 (RFC 4648 section 4), or not of JSON.
    """
    try:
        return parse_json(base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise NotAdmittedError(Code.INVALID_DATA, f"data_base64 is not base64 of JSON: {error}") from error


def _binary_event(headers: Iterable[tuple[str, str]], media_type: MediaType, body: bytes) -> Any:
    """The event as the JSON format would have it; `headers` are all of the request's, names in lower case.

    Raises:
        RequestRefusedError: 400 for a header or body that cannot be decoded, 415 for data that is not JSON.
    """
    event: dict[str, Any] = {}
    for header, value in headers:
        name = header.removeprefix(PREFIX)
        if name == header or name in NOT_ATTRIBUTES:
            continue
        if name in event:
            raise RequestRefusedError(400, "Header sent twice", f"{header} is there more than once: send it once")
        event[name] = _decoded(header, value)
    if not body:
        return event
    if media_type.name and not media_type.is_json:
        raise RequestRefusedError(
            415, "Unsupported data", f"{media_type.name}: the data of an event is application/json"
        )
    media_type.require_utf8()
    data = parse_event(body)
    return Unreadable(data.reason, event) if isinstance(data, Unreadable) else event | {"data": data}


def _decoded(header: str, value: str) -> str:
    """Unquoted (RFC 9110 section 5.6.4), then percent-decoded once, as section 3.1.3.2 of the binding asks for.

    Servers hand headers over as Latin-1; the bytes behind it are UTF-8 or nothing we can read.
    """
    quoted = _quoted(value)
    if quoted is not None:
        value = _escape.sub(r"\1", quoted[1])
    try:
        return unquote_to_bytes(value.encode("latin-1")).decode()
    except UnicodeError as error:
        detail = f"{header} is not percent-encoded UTF-8: encode it as the CloudEvents HTTP binding asks"
        raise RequestRefusedError(400, "Unreadable header", detail) from error

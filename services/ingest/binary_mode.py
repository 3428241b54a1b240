"""The binary content mode of the CloudEvents HTTP binding: attributes in `ce-` headers, data in the body. Pure."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

import pydantic_core

from services.ingest.media_types import MediaType
from services.ingest.rejections import ProblemError

PREFIX = "ce-"
NOT_ATTRIBUTES = frozenset({"data", "data_base64", "datacontenttype"})
"""Members of the JSON format that are not headers here: data is the body, its media type the Content-Type."""

_quoted = re.compile(r'"((?:[^"\\]|\\.)*)"').fullmatch
_escape = re.compile(r"\\(.)")


def event_in(headers: Iterable[tuple[str, str]], media_type: MediaType, body: bytes) -> dict[str, Any]:
    """The event as the JSON format would have it; `headers` are all of the request's, names in lower case.

    Raises:
        ProblemError: 400 for a header or body that cannot be decoded, 415 for data that is not JSON.
    """
    event: dict[str, Any] = {}
    for header, value in headers:
        name = header.removeprefix(PREFIX)
        if name == header or name in NOT_ATTRIBUTES:
            continue
        if name in event:
            raise ProblemError(400, "Header sent twice", f"{header} is there more than once: send it once")
        event[name] = _decoded(header, value)
    if not body:
        return event
    if media_type.name and not media_type.is_json:
        raise ProblemError(415, "Unsupported data", f"{media_type.name}: the data of an event is application/json")
    media_type.require_utf8()
    try:
        event["data"] = pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ProblemError(400, "Malformed JSON", f"the data is not JSON: {error}") from error
    return event


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
        raise ProblemError(400, "Unreadable header", detail) from error

"""From an HTTP request to envelopes: the three content modes of the CloudEvents 1.0 HTTP binding. Pure."""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import pydantic_core
from pydantic import ValidationError

from services.ingest.binary_mode import PREFIX, event_in
from services.ingest.envelope import ENVELOPES, Envelope, validate_event
from services.ingest.media_types import MediaType, parse_media_type
from services.ingest.rejections import Code, NotAdmittedError, ProblemError

BATCH = "application/cloudevents-batch"
STRUCTURED = "application/cloudevents"
JSON_SUFFIX = "+json"

Headers = Iterable[tuple[str, str]]
"""Every header of a request in order, names in lower case."""


class Reading(NamedTuple):
    """The events of a request in order: the envelope of each, or why it has none.

    `raw` gives them as they were sent; it parses the body again where that was not needed so far.
    """

    events: list[Envelope] | list[Envelope | NotAdmittedError]
    raw: Callable[[], list[Any]]


def read_request(headers: Headers, body: bytes, max_events: int) -> Reading:
    """The events of a request.

    Raises:
        ProblemError: the request as a whole cannot be read: 400, 413 or 415.
    """
    headers = list(headers)
    media_type = parse_media_type(next((value for name, value in headers if name == "content-type"), ""))
    if media_type.name.startswith(BATCH):
        _require_json(media_type, BATCH)
        return _read_batch(body, max_events)
    if media_type.name.startswith(STRUCTURED):
        _require_json(media_type, STRUCTURED)
        return _read_each([_parse(body)])
    if any(name.startswith(PREFIX) for name, _ in headers):
        return _read_each([event_in(headers, media_type, body)])
    raise ProblemError(
        415,
        "Unsupported media type",
        f"send {STRUCTURED}{JSON_SUFFIX}, {BATCH}{JSON_SUFFIX}, or one event in ce-* headers",
    )


def _require_json(media_type: MediaType, mode: str) -> None:
    if media_type.name != mode + JSON_SUFFIX:
        detail = f"{media_type.name}: only {mode}{JSON_SUFFIX} is read here"
        raise ProblemError(415, "Unsupported event format", detail)
    media_type.require_utf8()


def _parse(body: bytes) -> Any:
    try:
        return pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ProblemError(400, "Malformed JSON", f"the body is not JSON: {error}") from error


def _read_batch(body: bytes, max_events: int) -> Reading:
    envelopes = _all_valid(body)
    if envelopes is not None:
        _check_length(len(envelopes), max_events)
        return Reading(envelopes, lambda: list(_parse(body)))
    events = _parse(body)
    if not isinstance(events, list):
        raise ProblemError(400, "Not a batch", "a batch is a JSON array of events")
    _check_length(len(events), max_events)
    return _read_each(events)


def _all_valid(body: bytes) -> list[Envelope] | None:
    """The common batch, read in one go; None where anything about it needs a closer look.

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
        raise ProblemError(413, "Too many events", f"{length} events in one batch: send at most {max_events}")


def _read_each(events: list[Any]) -> Reading:
    return Reading([_read_one(raw) for raw in events], lambda: events)


def _read_one(raw: Any) -> Envelope | NotAdmittedError:
    try:
        envelope = validate_event(raw)
        if envelope.get("data_base64") is not None:
            if envelope.get("data") is not None:
                return NotAdmittedError(Code.INVALID_DATA, "data and data_base64 are both there: send one of them")
            envelope["data"] = decode_base64(envelope["data_base64"])
    except NotAdmittedError as problem:
        return problem
    return envelope


def decode_base64(data: Any) -> Any:
    """The JSON value that `data_base64` holds.

    Raises:
        NotAdmittedError: not base64 (RFC 4648 section 4), or not of JSON.
    """
    try:
        return pydantic_core.from_json(base64.b64decode(data, validate=True), allow_inf_nan=False)
    except (binascii.Error, ValueError, TypeError) as error:
        raise NotAdmittedError(Code.INVALID_DATA, f"data_base64 is not base64 of JSON: {error}") from error

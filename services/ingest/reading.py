"""From an HTTP request to envelopes: the three content modes of the CloudEvents 1.0 HTTP binding. Pure."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

import pydantic_core
from pydantic import ValidationError

from services.ingest.envelope import ENVELOPES, Envelope, validate_event
from services.ingest.rejections import Code, NotAdmittedError, ProblemError

BATCH = "application/cloudevents-batch"
STRUCTURED = "application/cloudevents"
JSON_SUFFIX = "+json"


class Read(NamedTuple):
    """An event of a request as it was sent, and its envelope or why it has none."""

    raw: Any
    envelope: Envelope | None
    problem: NotAdmittedError | None


def read_request(headers: Mapping[str, str], body: bytes, max_events: int) -> list[Envelope] | list[Read]:
    """The events of a request: envelopes alone where every one is valid, else a `Read` for each, in order.

    `headers` have lower-case names.

    Raises:
        ProblemError: the request as a whole cannot be read: 400, 413 or 415.
    """
    media_type, parameters = _media_type(headers.get("content-type", ""))
    if media_type.startswith(BATCH):
        _require_json(media_type, BATCH, parameters)
        return _read_batch(body, max_events)
    if media_type.startswith(STRUCTURED):
        _require_json(media_type, STRUCTURED, parameters)
        return [_read_one(_parse(body))]
    if any(name.startswith("ce-") for name in headers):
        return [_read_one(_from_headers(headers, media_type, body))]
    raise ProblemError(
        415,
        "Unsupported media type",
        f"send {STRUCTURED}{JSON_SUFFIX}, {BATCH}{JSON_SUFFIX}, or one event in ce-* headers",
    )


def _media_type(content_type: str) -> tuple[str, str]:
    media_type, _, parameters = content_type.lower().partition(";")
    return media_type.strip(), parameters.strip()


def _require_json(media_type: str, mode: str, parameters: str) -> None:
    if media_type != mode + JSON_SUFFIX:
        raise ProblemError(415, "Unsupported event format", f"{media_type}: only {mode}{JSON_SUFFIX} is read here")
    if parameters.startswith("charset=") and parameters.removeprefix("charset=").strip('"') not in ("utf-8", "utf8"):
        raise ProblemError(415, "Unsupported charset", f"{parameters}: events are UTF-8")


def _parse(body: bytes) -> Any:
    try:
        return pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ProblemError(400, "Malformed JSON", f"the body is not JSON: {error}") from error


def _read_batch(body: bytes, max_events: int) -> list[Envelope] | list[Read]:
    try:
        envelopes = ENVELOPES.validate_json(body)
    except ValidationError:
        envelopes = []
    if envelopes and not any(event.keys() & {"data_base64"} for event in envelopes):
        _check_length(len(envelopes), max_events)
        return envelopes
    events = _parse(body)
    if not isinstance(events, list):
        raise ProblemError(400, "Not a batch", "a batch is a JSON array of events")
    _check_length(len(events), max_events)
    return [_read_one(event) for event in events]


def _check_length(length: int, max_events: int) -> None:
    if length > max_events:
        raise ProblemError(413, "Too many events", f"{length} events in one batch: send at most {max_events}")


def _read_one(raw: Any) -> Read:
    try:
        envelope = validate_event(raw)
        if envelope.get("data_base64") is not None:
            envelope["data"] = _decoded(envelope["data_base64"])
        return Read(raw, envelope, None)
    except NotAdmittedError as problem:
        return Read(raw, None, problem)


def _decoded(data_base64: str) -> Any:
    try:
        return pydantic_core.from_json(base64.b64decode(data_base64, validate=True))
    except (binascii.Error, ValueError) as error:
        raise NotAdmittedError(Code.INVALID_DATA, f"data_base64 is not base64 of JSON: {error}") from error


def _from_headers(headers: Mapping[str, str], media_type: str, body: bytes) -> dict[str, Any]:
    event: dict[str, Any] = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
    if not body:
        return event
    if media_type not in ("", "application/json") and not media_type.endswith(JSON_SUFFIX):
        raise ProblemError(415, "Unsupported data", f"{media_type}: the data of an event is application/json")
    try:
        event["data"] = json.loads(body)
    except ValueError as error:
        raise ProblemError(400, "Malformed JSON", f"the data is not JSON: {error}") from error
    return event

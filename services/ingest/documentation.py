"""What the OpenAPI document says of `POST /v1/events`, which reads its request itself."""

from typing import Any

from services.ingest.envelope import ENVELOPE, ENVELOPES
from services.ingest.rejections import Code

_PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_ANSWER = {
    "type": "object",
    "required": ["accepted", "rejected"],
    "properties": {
        "accepted": {"type": "integer"},
        "rejected": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "index": {"type": "integer"},
                    "id": {"type": ["string", "null"]},
                    "code": {"enum": [code.value for code in Code]},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

EVENTS_OPERATION: dict[str, Any] = {
    "summary": "Send one event or a batch, in any content mode of the CloudEvents HTTP binding",
    "responses": {
        202: {"description": "The accepted events are durable.", "content": {"application/json": {"schema": _ANSWER}}},
        400: {"description": "The request cannot be read.", **_PROBLEM},
        401: {"description": "No known bearer key.", **_PROBLEM},
        403: {"description": "The key may send none of it.", **_PROBLEM},
        413: {"description": "Too many events or bytes.", **_PROBLEM},
        415: {"description": "Not CloudEvents in JSON.", **_PROBLEM},
        429: {"description": "Too many requests at once; see Retry-After.", **_PROBLEM},
        503: {"description": "The store cannot take events now; see Retry-After.", **_PROBLEM},
    },
    "openapi_extra": {
        "security": [{"bearer": []}],
        "requestBody": {
            "required": True,
            "content": {
                "application/cloudevents+json": {"schema": ENVELOPE.json_schema()},
                "application/cloudevents-batch+json": {"schema": ENVELOPES.json_schema()},
                "application/json": {"schema": {"type": "object"}},
            },
        },
    },
}

"""What the OpenAPI document says of `POST /v1/events`, which reads its request itself."""

from typing import Any

from fastapi import FastAPI

from services.ingest.envelope import ENVELOPE
from services.ingest.rejections import Code

_EVENT = {"$ref": "#/components/schemas/Event"}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}}}
_ANSWER = {
    "type": "object",
    "required": ["accepted", "rejected"],
    "properties": {
        "accepted": {"type": "integer", "description": "Events that are durable now."},
        "rejected": {"type": "array", "items": {"$ref": "#/components/schemas/Rejection"}},
    },
}
_REJECTION = {
    "type": "object",
    "required": ["index", "id", "code", "detail"],
    "properties": {
        "index": {"type": "integer", "description": "Place in the batch, from 0."},
        "id": {"type": ["string", "null"]},
        "code": {"enum": [code.value for code in Code]},
        "detail": {"type": "string", "description": "The attribute at fault and the remedy."},
    },
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_SCHEMAS = {"Answer": _ANSWER, "Rejection": _REJECTION, "Problem": _PROBLEM, "Event": ENVELOPE.json_schema()}


def _problem(description: str, **more: Any) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content, **more}


EVENTS_OPERATION: dict[str, Any] = {
    "summary": "Send one event or a batch, in any content mode of the CloudEvents HTTP binding",
    "responses": {
        202: {
            "description": "The accepted events are durable.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
        },
        400: _problem("The request cannot be read."),
        401: _problem("No known bearer key."),
        403: _problem("The key may send none of it."),
        413: _problem("Too many events or bytes."),
        415: _problem("Not CloudEvents in JSON."),
        429: _problem("Too many requests at once.", headers=_RETRY_AFTER),
        503: _problem("The store cannot take events now.", headers=_RETRY_AFTER),
    },
    "openapi_extra": {
        "security": [{"bearer": []}],
        "requestBody": {
            "required": True,
            "content": {
                "application/cloudevents+json": {"schema": _EVENT},
                "application/cloudevents-batch+json": {"schema": {"type": "array", "items": _EVENT}},
                "application/json": {
                    "schema": {
                        "type": "object",
                        "description": "`data` of one event whose attributes are ce-* headers.",
                    }
                },
            },
        },
    },
}


def describe(app: FastAPI) -> None:
    """Add the schemas and the bearer key to the document that FastAPI makes."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        components = document.setdefault("components", {})
        components.setdefault("schemas", {}).update(_SCHEMAS)
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        return document

    app.openapi = openapi  # type: ignore[method-assign]

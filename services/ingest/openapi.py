"""What the OpenAPI document says of `POST /v1/events`, which reads its request itself."""

from typing import Any

from fastapi import FastAPI

from services.ingest.envelope import ENVELOPE
from shared.contracts.ingest import EventsResponse
from shared.http.problems import PROBLEM, Problem

_EVENT = {"$ref": "#/components/schemas/Event"}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}}}


def _problem(description: str, **more: Any) -> dict[str, Any]:
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content, **more}


EVENTS_OPERATION: dict[str, Any] = {
    "summary": "Send one event or a batch, in any content mode of the CloudEvents HTTP binding",
    "response_model": EventsResponse,
    "response_description": "The accepted events are durable.",
    "responses": {
        400: _problem("The request cannot be parsed."),
        401: _problem("No known bearer key."),
        403: _problem("The key may send none of it."),
        408: _problem("The body came too slowly."),
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


def add_event_schemas(app: FastAPI) -> None:
    """Add what FastAPI cannot derive: the schema of the body that is read by hand, and the bearer key.

    FastAPI's HTTPBearer would describe the key, at the price of a dependency in every request.
    """
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        components = document.setdefault("components", {})
        components.setdefault("schemas", {}).update(Event=ENVELOPE.json_schema(), Problem=Problem.model_json_schema())
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        return document

    app.openapi = openapi  # type: ignore[method-assign]

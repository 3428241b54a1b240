"""The HTTP API of ingest: parse, call, return."""

import re
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from faststream.redis import RedisBroker
from pydantic import Field
from starlette.datastructures import Headers as RequestHeaders
from starlette.types import Scope

from services.ingest.envelope import ENVELOPE
from services.ingest.ingestion import Ingestion
from services.ingest.instruments import Instruments
from services.ingest.monitor import StoreMonitor
from services.ingest.publisher import StoreUnavailableError
from services.ingest.request_guard import RequestGuard
from shared.contracts.ingest import EventsResponse
from shared.domain.catalogue import Catalogue
from shared.http.application import Headers, make_app
from shared.http.operations import Readiness, add_asyncapi, add_operations
from shared.http.problems import PROBLEM, Problem
from shared.runtime.store_health import AWAY, weaker_durability
from shared.runtime.tracing import NO_TRACING, Tracing

TITLE = "Pulse5299 ingest"
EVENTS = "/v1/events"


class EventProblem(Problem):
    """Why the one event of a request was rejected; `detail` names the remedy."""

    code: str = Field(description="One of the codes of a rejection.")
    field: str | None = Field(description="The attribute at fault, as `subject` or `data.unit`; null: the whole event.")
    id: str | None = Field(description="The event's id, as far as it has one.")


_EVENT = {"$ref": "#/components/schemas/Event"}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}}}


def _problem(description: str, schema: str = "Problem", **more: Any) -> dict[str, Any]:
    content = {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content, **more}


_EVENTS_OPERATION: dict[str, Any] = {
    "summary": "Send one event or a batch, in any content mode of the CloudEvents HTTP binding",
    "response_model": EventsResponse,
    "response_description": "The accepted events are durable.",
    "responses": {
        204: {"description": "All is durable, and `Prefer: return=minimal` asked for no content."},
        400: _problem("The request cannot be parsed."),
        401: _problem("No known bearer key."),
        403: _problem("The key may send none of it."),
        408: _problem("The body came too slowly."),
        413: _problem("Too many events or bytes."),
        415: _problem("Not CloudEvents in JSON, or compressed other than with gzip."),
        422: _problem("The one event of the request is rejected.", schema="EventProblem"),
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


def build_api(
    ingestion: Ingestion,
    guard: RequestGuard,
    monitor: StoreMonitor,
    instruments: Instruments,
    catalogue: Catalogue,
    broker: RedisBroker,
    tracing: Tracing = NO_TRACING,
    webhook_origins: Collection[str] = (),
    **options: Any,
) -> FastAPI:
    """The application; `options` go to FastAPI."""
    app = make_app(
        TITLE,
        "Takes CloudEvents 1.0 about accounts, dossiers and outreach. 202 means durable.",
        instruments.request_refused,
        partial(_handshake, webhook_origins),
        **options,
    )

    @app.post(EVENTS, status_code=202, **_EVENTS_OPERATION)
    async def events(request: Request) -> Response:
        key = guard.authenticate(request)
        with guard.place(key), tracing.request(request.headers):
            if monitor.store is None:
                raise StoreUnavailableError("the store is not open yet")
            async with guard.body(request, key) as body:
                with instruments.seconds.time():
                    outcome = await ingestion.ingest(request.headers.items(), body, key)
            if not outcome.rejected and _wants_no_body(request.headers.getlist("prefer")):
                return Response(status_code=204, headers={"Preference-Applied": "return=minimal"})
            rejected = [rejection.model_dump() for rejection in outcome.rejected]
            return JSONResponse({"accepted": outcome.accepted, "rejected": rejected}, 202)

    @app.get("/v1/catalogue", summary="Types, units and sources that are accepted")
    async def accepted_names() -> dict[str, Any]:
        return catalogue.model_dump(mode="json", exclude={"targets": True, "units": {"__all__": {"leader"}}})

    async def readiness() -> Readiness:
        up = monitor.store is not None and await monitor.check()
        state = {"store": monitor.store, "durability": monitor.durability, "time": ingestion.now().isoformat()}
        return Readiness([] if up else [monitor.problem or AWAY], state, weaker_durability(monitor.durability))

    add_operations(app, readiness, instruments.registry)
    _add_event_schemas(app)
    add_asyncapi(app, broker, TITLE)
    return app


def _handshake(allowed: Collection[str], scope: Scope) -> Headers:
    """What OPTIONS answers to a sender that asks whether it may send (CloudEvents HTTP 1.1 Web Hooks, section 4)."""
    origin = RequestHeaders(scope=scope).get("webhook-request-origin", "")
    if scope["path"] != EVENTS or not origin or not {"*", origin} & set(allowed):
        return
    yield "WebHook-Allowed-Origin", origin if origin in allowed else "*"
    yield "WebHook-Allowed-Rate", "*"


def _wants_no_body(prefer: Sequence[str]) -> bool:
    """Whether `Prefer` asks for an answer without content (RFC 7240 section 4.2)."""
    preferences = [preference.partition(";")[0] for header in prefer for preference in header.split(",")]
    return any(re.sub(r"[\s\"]", "", preference).lower() == "return=minimal" for preference in preferences)


def _add_event_schemas(app: FastAPI) -> None:
    """Add what FastAPI cannot derive: the schema of the body that is read by hand, and the bearer key.

    FastAPI's HTTPBearer would describe the key, at the price of a dependency in every request.
    """
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        components = document.setdefault("components", {})
        components.setdefault("schemas", {}).update(
            Event=ENVELOPE.json_schema(),
            Problem=Problem.model_json_schema(),
            EventProblem=EventProblem.model_json_schema(),
        )
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        return document

    app.openapi = openapi  # type: ignore[method-assign]

"""The HTTP API of ingest: parse, call, return."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from faststream.redis import RedisBroker

from services.ingest.ingestion import Ingestion
from services.ingest.instruments import Instruments
from services.ingest.monitor import StoreMonitor
from services.ingest.openapi import EVENTS_OPERATION, add_event_schemas
from services.ingest.publisher import StoreUnavailableError
from services.ingest.request_guard import RequestGuard
from shared.domain.catalogue import Catalogue
from shared.http.operations import Readiness, add_asyncapi, add_operations
from shared.http.problems import install_problem_handlers
from shared.runtime.tracing import NO_TRACING, Tracing

TITLE = "Pulse5299 ingest"


def build_api(
    ingestion: Ingestion,
    guard: RequestGuard,
    monitor: StoreMonitor,
    instruments: Instruments,
    catalogue: Catalogue,
    broker: RedisBroker,
    tracing: Tracing = NO_TRACING,
    **options: Any,
) -> FastAPI:
    """The application; `options` go to FastAPI."""
    app = FastAPI(
        title=TITLE,
        version="1",
        description="Takes CloudEvents 1.0 about accounts, dossiers and outreach. 202 means durable.",
        docs_url=None,  # its page would load scripts from another host
        redoc_url=None,
        **options,
    )

    @app.post("/v1/events", status_code=202, **EVENTS_OPERATION)
    async def events(request: Request) -> Response:
        with guard.slot(), tracing.request(request.headers):
            key = guard.authenticate(request)
            body = await guard.read_body(request)
            if monitor.store is None:
                raise StoreUnavailableError("the store is not open yet")
            with instruments.seconds.time():
                outcome = await ingestion.ingest(request.headers.items(), body, key)
            rejected = [rejection.model_dump() for rejection in outcome.rejected]
            return JSONResponse({"accepted": outcome.accepted, "rejected": rejected}, 202)

    @app.get("/v1/catalogue", summary="Types, units and sources that are accepted")
    async def accepted_names() -> dict[str, Any]:
        return catalogue.model_dump(mode="json", exclude={"targets": True, "units": {"__all__": {"leader"}}})

    async def readiness() -> Readiness:
        up = monitor.store is not None and await monitor.check()
        state = {"store": monitor.store, "durability": monitor.durability}
        return Readiness([] if up else ["redis is unavailable"], state)

    add_operations(app, readiness, instruments.registry)
    install_problem_handlers(app, instruments.request_refused)
    add_event_schemas(app)
    add_asyncapi(app, broker, TITLE)
    return app

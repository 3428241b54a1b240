"""The HTTP API of ingest: parse, call, answer."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.ingest.documentation import EVENTS_OPERATION
from services.ingest.intake import Intake
from services.ingest.keys import Key, KeyRing
from services.ingest.measurements import Measurements
from services.ingest.publisher import StoreUnavailableError
from services.ingest.rejections import ProblemError
from services.ingest.watching import Watch
from shared.catalogue import Catalogue
from shared.problems import problem_response

RETRY_AFTER = 5


class Door:
    """Limits and rights at the entry: how many requests, how many bytes, whose key."""

    def __init__(self, keys: KeyRing, max_in_flight: int, max_body_bytes: int) -> None:
        self._keys = keys
        self._max_in_flight = max_in_flight
        self._max_body_bytes = max_body_bytes
        self.in_flight = 0

    def check_load(self) -> None:
        """Refuse with 429 while as many requests are handled as may be."""
        if self.in_flight >= self._max_in_flight:
            raise ProblemError(429, "Too many requests", "send fewer at once, or larger batches", retry_after=1)

    def key_of(self, request: Request) -> Key:
        """The key of the bearer token; 401 without one that is known."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        key = self._keys.find(token.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise ProblemError(401, "Who is sending?", "send `Authorization: Bearer KEY`; the office gives out keys")
        return key

    async def body_of(self, request: Request) -> bytes:
        """The body, read no further than the limit."""
        chunks = bytearray()
        async for chunk in request.stream():
            chunks += chunk
            if len(chunks) > self._max_body_bytes:
                raise ProblemError(
                    413, "Request too large", f"more than {self._max_body_bytes} bytes: send smaller batches"
                )
        return bytes(chunks)


def build_api(
    intake: Intake, door: Door, watch: Watch, measurements: Measurements, catalogue: Catalogue, **options: Any
) -> FastAPI:
    """The application; `options` go to FastAPI."""
    app = FastAPI(
        title="Pulse5299 ingest",
        version="1",
        description="Takes CloudEvents 1.0 about accounts, dossiers and outreach. 202 means durable.",
        **options,
    )

    @app.post("/v1/events", status_code=202, **EVENTS_OPERATION)
    async def events(request: Request) -> Response:
        door.check_load()
        door.in_flight += 1
        try:
            key = door.key_of(request)
            body = await door.body_of(request)
            if watch.store is None:
                raise StoreUnavailableError("the store is not open yet")
            with measurements.seconds.time():
                outcome = await intake.take(request.headers, body, key)
        finally:
            door.in_flight -= 1
            measurements.in_flight.set(door.in_flight)
        return JSONResponse(
            {
                "accepted": outcome.accepted,
                "rejected": [
                    {"index": refused.index, "id": refused.id, "code": refused.code, "detail": refused.detail}
                    for refused in outcome.rejected
                ],
            },
            202,
        )

    @app.exception_handler(ProblemError)
    async def refused(_: Request, problem: ProblemError) -> Response:
        measurements.refused.labels(problem.status).inc()
        response = problem_response(problem.status, problem.title, problem.detail, problem.retry_after)
        if problem.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @app.exception_handler(StoreUnavailableError)
    async def unavailable(_: Request, error: StoreUnavailableError) -> Response:
        measurements.refused.labels(503).inc()
        detail = f"nothing of this request is acknowledged; send it again ({error})"
        return problem_response(503, "The store cannot take events now", detail, RETRY_AFTER)

    @app.get("/v1/catalogue", summary="Types, units and sources that are accepted")
    async def accepted_names() -> dict[str, Any]:
        return catalogue.model_dump(mode="json", exclude={"targets": True, "units": {"__all__": {"leader"}}})

    @app.get("/livez", summary="The process runs")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", summary="Events can be taken; says how durable the store writes")
    async def readyz() -> Response:
        up = watch.store is not None and await watch.look()
        body = {"status": "ready" if up else "redis is away", "store": watch.store, "durability": watch.durability}
        return JSONResponse(body, 200 if up else 503)

    @app.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def metrics() -> Response:
        return Response(generate_latest(measurements.registry), media_type=CONTENT_TYPE_LATEST)

    return app

"""The HTTP API of ingest: parse, call, answer."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.ingest.channels import ASYNCAPI
from services.ingest.ingestion import Ingestion, Outcome
from services.ingest.instruments import Instruments
from services.ingest.monitor import Watch
from services.ingest.openapi import EVENTS_OPERATION, describe
from services.ingest.publisher import StoreUnavailableError
from services.ingest.rejections import ProblemError
from services.ingest.request_guard import RequestGuard
from shared.domain.catalogue import Catalogue
from shared.http.asyncapi import add_asyncapi
from shared.http.problems import http_problem, problem_response, unexpected_problem
from shared.runtime.tracing import UNTRACED, Tracing

RETRY_AFTER = 5


def build_api(
    intake: Ingestion,
    door: RequestGuard,
    watch: Watch,
    instruments: Instruments,
    catalogue: Catalogue,
    tracing: Tracing = UNTRACED,
    **options: Any,
) -> FastAPI:
    """The application; `options` go to FastAPI."""
    app = FastAPI(
        title="Pulse5299 ingest",
        version="1",
        description="Takes CloudEvents 1.0 about accounts, dossiers and outreach. 202 means durable.",
        docs_url=None,  # its page would load scripts from another host
        redoc_url=None,
        **options,
    )

    @app.post("/v1/events", status_code=202, **EVENTS_OPERATION)
    async def events(request: Request) -> Response:
        with door.place(), tracing.request(request.headers):
            key = door.key_of(request)
            body = await door.body_of(request)
            if watch.store is None:
                raise StoreUnavailableError("the store is not open yet")
            with instruments.seconds.time():
                return _answer(await intake.take(request.headers.items(), body, key))

    _add_operations(app, watch, instruments, catalogue)
    _add_problems(app, instruments)
    describe(app)
    add_asyncapi(app, ASYNCAPI)
    return app


def _answer(outcome: Outcome) -> Response:
    rejected = [
        {"index": refused.index, "id": refused.id, "code": refused.code, "detail": refused.detail}
        for refused in outcome.rejected
    ]
    return JSONResponse({"accepted": outcome.accepted, "rejected": rejected}, 202)


def _add_operations(app: FastAPI, watch: Watch, instruments: Instruments, catalogue: Catalogue) -> None:
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
        return Response(generate_latest(instruments.registry), media_type=CONTENT_TYPE_LATEST)


def _add_problems(app: FastAPI, instruments: Instruments) -> None:
    @app.exception_handler(ProblemError)
    async def refused(_: Request, problem: ProblemError) -> Response:
        instruments.refused.labels(problem.status).inc()
        response = problem_response(problem.status, problem.title, problem.detail, problem.retry_after)
        if problem.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @app.exception_handler(StoreUnavailableError)
    async def unavailable(_: Request, error: StoreUnavailableError) -> Response:
        instruments.refused.labels(503).inc()
        detail = f"nothing of this request is acknowledged; send it again ({error})"
        return problem_response(503, "The store cannot take events now", detail, RETRY_AFTER)

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, __: ClientDisconnect) -> Response:
        return problem_response(400, "Connection closed", "the body did not arrive whole")

    app.add_exception_handler(HTTPException, http_problem)
    app.add_exception_handler(Exception, unexpected_problem)

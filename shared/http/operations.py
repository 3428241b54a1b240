"""What every service answers to its operators: liveness, readiness, Prometheus metrics, the AsyncAPI document."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from faststream.redis import RedisBroker
from faststream.specification import AsyncAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest, metrics


class Readiness(NamedTuple):
    """`problems` is empty while the service can do its work; `more` joins the answer, `remarks` its status."""

    problems: list[str]
    more: dict[str, Any] = {}  # noqa: RUF012 - never changed
    remarks: Sequence[str] = ()


def add_operations(
    app: FastAPI,
    readiness: Callable[[], Awaitable[Readiness]],
    registry: CollectorRegistry,
    before_scrape: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Add /livez, /readyz and /metrics; `before_scrape` brings gauges up to date."""

    @app.get("/livez", summary="The process runs")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", summary="The service can do its work; says what is wrong where it cannot")
    async def readyz() -> Response:
        problems, more, remarks = await readiness()
        body = {"status": "; ".join(problems or ["ready", *remarks])} | more
        return JSONResponse(body, 503 if problems else 200)

    @app.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def metrics() -> Response:
        if before_scrape is not None:
            await before_scrape()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def asyncapi_document(broker: RedisBroker, title: str) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of the publishers and subscribers declared on `broker`."""
    document: dict[str, Any] = AsyncAPI(broker, title=title, version="1").to_specification().to_jsonable()
    return document


def add_asyncapi(app: FastAPI, broker: RedisBroker, title: str) -> None:
    """Serve the AsyncAPI document of the running broker at /asyncapi.json."""

    @app.get("/asyncapi.json", include_in_schema=False)
    async def asyncapi() -> dict[str, Any]:
        return asyncapi_document(broker, title)


def new_registry() -> CollectorRegistry:
    """A registry with the process's own figures; metrics made from now on have no `_created` series."""
    metrics.disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry

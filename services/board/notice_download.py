"""Notice download: the notice of a closed month as a file, written by services/reports from what metrics closed."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.board.page_query import language_of
from services.board.rendering import HEADERS
from services.reports.documents import MEDIA_TYPES, render_notice
from services.reports.snapshots import month_snapshots
from shared.clients.metrics import MetricsClient
from shared.domain.catalogue import Catalogue
from shared.domain.clock import Clock
from shared.domain.errors import NotFoundError
from shared.domain.months import Month

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The HTML notice brings its own styles, and nothing else."""


def notice_routes(metrics: MetricsClient, catalogue: Catalogue, clock: Clock) -> APIRouter:
    """The route of the notice; its errors are answered as problem+json, not as pages."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/months/{month}/notice.{suffix}", methods=["GET", "HEAD"])
    async def notice(request: Request, month: str, suffix: str) -> Response:
        """422 for what is no month, 404 for a month never closed or an unknown format, 503 while metrics is away."""
        closed = Month.parse(month)
        form = next((form for form in MEDIA_TYPES if form == suffix), None)
        if form is None:
            raise NotFoundError(f"no notice is written as {suffix!r}: there are {', '.join(MEDIA_TYPES)}")
        lang = language_of(request.query_params, request.headers.get("accept-language", ""))
        snapshot, earlier = await month_snapshots(metrics, closed)
        content = await asyncio.to_thread(render_notice, snapshot, catalogue, lang, form, clock(), earlier=earlier)
        shown = "inline" if form == "html" else "attachment"
        name = f'{shown}; filename="notice-{snapshot.as_of}-{lang}.{form}"'
        headers = HEADERS | {"Content-Security-Policy": POLICY, "Content-Language": lang, "Content-Disposition": name}
        return Response(content, 200, headers, MEDIA_TYPES[form])

    return router

"""A month or span of days that cannot be understood is 422, not an absence."""

import asyncio
from typing import Any

import httpx
import pytest

from services.metrics.api import build_api
from services.metrics.queries import Queries
from shared.domain.clock import system_clock
from tests.support.notice434 import catalogue

UNREAD: Any = None
"""In place of what a refused request never reaches."""


@pytest.mark.parametrize(
    "path",
    [
        "/v1/reconciliation?month=June",
        "/v1/reconciliation?month=2023-13",
        "/v1/reconciliation/unmatched?month=June&unit=province&target=1",
        "/v1/history?from=2023-06-02&to=2023-06-01",
        "/v1/daily?target=1&from=2023-06-02&to=2023-06-01",
        "/v1/history?from=2000-01-01&to=2023-06-01",
    ],
)
def test_a_malformed_month_or_span_is_unprocessable(path: str) -> None:
    queries = Queries(catalogue(), UNREAD, UNREAD, UNREAD, system_clock)
    transport = httpx.ASGITransport(build_api(queries, UNREAD, UNREAD))

    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://metrics") as client:
            return await client.get(path)

    response = asyncio.run(get())
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert "2023-06" in response.json()["detail"]

"""A month or span of days that cannot be understood is 422, not an absence."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from services.metrics.api import build_api
from services.metrics.queries import Queries
from shared.domain.clock import system_clock
from tests.support.bearer import WITH_KEY, authentication
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
        "/v1/daily?target=1&to=9999-12-31",
        "/v1/daily?target=1&to=0001-01-05",
        "/v1/daily?target=1&to=1688169600",
        "/v1/history?from=9999-12-01&to=9999-12-31",
        "/v1/progress?as_of=9999-12-31",
        "/v1/progress?as_of=2200-01-01",
        "/v1/measures?as_of=1688169600.5",
        "/v1/measures?as_of=0001-01-01",
        "/v1/units/an-nhon?as_of=1970-02-28",
        "/v1/province?as_of=20230601",
        "/v1/reconciliation?month=9999-12",
        "/v1/reconciliation/unmatched?month=9999-12&unit=province&target=1",
        "/v1/months/9999-12/snapshot",
    ],
)
def test_a_malformed_month_or_span_is_unprocessable(path: str) -> None:
    queries = Queries(catalogue(), UNREAD, UNREAD, UNREAD, system_clock)
    transport = httpx.ASGITransport(build_api(queries, UNREAD, UNREAD, authentication()))

    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://metrics", headers=WITH_KEY) as client:
            return await client.get(path)

    response = asyncio.run(get())
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert re.search("2023-06|1970-03-01 to 2199-12-31", response.json()["detail"])

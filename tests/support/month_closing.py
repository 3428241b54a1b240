"""Month closing for tests: on the real store of a `System`, with the clock in the test's hand and no schedule."""

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
from fastapi import FastAPI

from services.metrics.api import add_months
from services.metrics.app import partition_stores
from services.metrics.counting import CountingRules
from services.metrics.months.closing import MonthClosing
from services.metrics.months.repository import MonthRepository
from services.metrics.projection import CounterProjection
from services.metrics.queries import Queries
from services.metrics.redis_partition_store import versions
from services.metrics.settings import MetricsSettings
from shared.domain.catalogue import load_catalogue
from shared.domain.clock import Clock
from shared.http.problems import install_problem_handlers
from shared.runtime.store import connect
from tests.support.bearer import WITH_KEY, authentication
from tests.support.processes import System


@dataclasses.dataclass(frozen=True)
class Months:
    """The parts of metrics that close months."""

    closing: MonthClosing
    repository: MonthRepository
    queries: Queries
    client: httpx.AsyncClient
    announced: list[None]
    """One for every change of a month that was announced."""


@contextlib.asynccontextmanager
async def month_closing(system: System, clock: Clock, **settings: Any) -> AsyncIterator[Months]:
    """Wired as in production, beside the metrics process that counts."""
    wanted = {"redis_port": system.valkey.port, "redis_timeout": 2, "partitions": 2} | settings
    used = MetricsSettings(**wanted)
    redis = connect(used)
    catalogue = load_catalogue(used.catalogue)
    stores = partition_stores(redis, used)
    projection = CounterProjection(stores, partial(versions, redis, stores))
    queries = Queries(catalogue, projection, stores, CountingRules(catalogue), clock)
    repository = MonthRepository(redis)
    announced: list[None] = []
    announce = partial(announced.append, None)
    closing = MonthClosing(queries, repository, used.cutoff, used.grace_days, clock, announce)
    app = FastAPI()
    add_months(app, closing, repository, authentication(clock))
    install_problem_handlers(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://metrics", headers=WITH_KEY) as client:
        yield Months(closing, repository, queries, client, announced)
    await redis.aclose()

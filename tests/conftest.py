"""The moment the suite runs as of, and the fixtures shared by every folder of tests."""

import os
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings
from redis.asyncio import Redis

from tests.support.as_of import DEFAULT, moment_of, moments
from tests.support.clock import NOW, SINCE
from tests.support.valkey import running_valkey

settings.register_profile("pulse5299", deadline=None)  # a busy machine is no error
settings.load_profile("pulse5299")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--as-of",
        default=os.environ.get(NOW, DEFAULT),
        help=f"the moment of the run: {', '.join(moments())}, or one in ISO 8601; default {DEFAULT} or {NOW}",
    )


def pytest_configure(config: pytest.Config) -> None:
    os.environ[NOW] = moment_of(config.getoption("--as-of")).isoformat()
    os.environ.setdefault(SINCE, str(time.monotonic()))  # the workers of a parallel run have one clock


def pytest_report_header() -> str:
    return f"as of {os.environ[NOW]}"


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one real Valkey for the whole run."""
    with running_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
async def valkey(valkey_server: str) -> AsyncIterator[Redis]:
    """A client of the real Valkey, emptied for this test."""
    client = Redis.from_url(valkey_server)
    await client.flushall()
    yield client
    await client.aclose()

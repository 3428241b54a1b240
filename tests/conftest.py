"""The moment the suite runs as of, and the fixtures shared by every folder of tests."""

import os
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings
from redis.asyncio import Redis
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.support.as_of import DEFAULT, moment_of, moments
from tests.support.clock import NOW, SINCE
from tests.support.valkey import running_valkey

settings.register_profile("pulse5299", deadline=None)  # a busy machine is no error
settings.load_profile("pulse5299")


SHARED_SYSTEMS = {
    name: frozenset(f"tests/integration/{file}.py" for file in files)
    for name, files in {
        "running": ("test_digests_end_to_end", "test_launcher", "test_what_is_said"),
        "observed": ("test_dashboard_queries", "test_exposition"),
    }.items()
}
"""Fixture of the whole run, slow to make -> the files that use it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--as-of",
        default=os.environ.get(NOW, DEFAULT),
        help=f"the moment of the run: {', '.join(moments())}, or one in ISO 8601; default {DEFAULT} or {NOW}",
    )


def pytest_configure(config: pytest.Config) -> None:
    os.environ[NOW] = moment_of(config.getoption("--as-of")).isoformat()
    os.environ.setdefault(SINCE, str(time.monotonic()))  # the workers of a parallel run have one clock


class BySystem(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    """The tests of a file run on one worker, as do the files of one of SHARED_SYSTEMS."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((name for name, files in SHARED_SYSTEMS.items() if file in files), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BySystem | None:
    return BySystem(config, log) if config.getvalue("dist") == "loadfile" else None


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

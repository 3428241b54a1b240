"""Fixtures shared by every folder of tests."""

from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings
from redis.asyncio import Redis

from tests.support.valkey import running_valkey

settings.register_profile("pulse5299", deadline=None)  # a busy machine is no error
settings.load_profile("pulse5299")


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

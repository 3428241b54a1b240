"""What several tests share because it is dear: an ingest process, and the whole system under a real Prometheus."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from services.ingest.keys import digest_of
from tests.observed import Observed, observed_system
from tests.running import environment_of, running_service
from tests.sample_events import TOKEN
from tests.valkey import running_valkey

BATCH = "application/cloudevents-batch+json"
STRUCTURED = "application/cloudevents+json"

LIMITED = f"""
[[keys]]
name = "an-nhon"
sha256 = "{digest_of("an-nhon-token")}"
sources = ["urn:dean5299:reporting"]
types = ["account.opened", "account.closed", "household.informed"]
units = ["an-nhon"]
"""


@dataclass(frozen=True)
class Ingest:
    """Where the process answers, a client with a key that may send everything, its store, log and folder."""

    url: str
    client: httpx.Client
    valkey: str
    log: Path
    folder: Path


@pytest.fixture(scope="session")
def ingest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingest]:
    folder = tmp_path_factory.mktemp("ingest")
    with running_valkey(folder) as valkey:
        environment_of(folder, valkey)
        with (folder / "keys.toml").open("a") as keys:
            keys.write(LIMITED)
        with (
            running_service("ingest", folder, valkey) as service,
            httpx.Client(base_url=service.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20) as client,
        ):
            yield Ingest(service.url, client, valkey, service.log, folder)


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """The whole system with Notice 434 in it, as if written today, watched by a real Prometheus."""
    with observed_system(tmp_path_factory.mktemp("observed")) as running:
        yield running

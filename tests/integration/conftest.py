"""What several tests share: an ingest process, the whole system under a real Prometheus, a metrics with one month."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.http.keys import digest_of
from tests.support.bearer import TOKEN
from tests.support.clock import at
from tests.support.june_accounts import EVENTS, Clocked
from tests.support.launcher import Launch, read_until
from tests.support.notifier_harness import forget, running_lagging_system, send
from tests.support.processes import System
from tests.support.prometheus_system import Observed, observed_system

BATCH = "application/cloudevents-batch+json"
STRUCTURED = "application/cloudevents+json"

LIMITED_TOKEN = "a key for An Nhon"
LIMITED = f"""
[[keys]]
name = "an-nhon"
sha256 = "{digest_of(LIMITED_TOKEN)}"
sources = ["urn:dean5299:reporting"]
types = ["account.opened", "account.closed", "household.informed"]
units = ["an-nhon"]
"""


@dataclass(frozen=True)
class Ingest:
    """The processes, and a client with a key that may send everything."""

    system: System
    client: httpx.Client

    @property
    def url(self) -> str:
        return self.system.ingest.url

    @property
    def valkey(self) -> str:
        return self.system.valkey.url

    @property
    def output(self) -> str:
        """What the process has written to its log."""
        return self.system.ingest.output


def post_events(ingest: Ingest, events: Any, token: str = TOKEN) -> httpx.Response:
    content = events if isinstance(events, bytes) else json.dumps(events).encode()
    headers = {"Content-Type": BATCH, "Authorization": f"Bearer {token}"}
    return ingest.client.post("/v1/events", content=content, headers=headers)


def assert_problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body.keys() == {"type", "title", "status", "detail"}
    return body


@contextmanager
def running_ingest(folder: Path, **settings: str) -> Iterator[Ingest]:
    """A Valkey and an ingest, stopped at the end."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with System(folder, **settings) as system, httpx.Client(headers=headers, timeout=20) as client:
        with (folder / "keys.toml").open("a") as keys:
            keys.write(LIMITED)
        system.valkey.start()
        system.ingest.start()
        system.ingest.wait_ready()
        client.base_url = system.ingest.url
        yield Ingest(system, client)


@pytest.fixture(scope="session")
def ingest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingest]:
    with running_ingest(tmp_path_factory.mktemp("ingest")) as running:
        yield running


@pytest.fixture(scope="session")
def fed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Launch, str]:
    """A launcher whose store has been fed Notice 434, and that has ended; and what it printed."""
    launch = Launch(tmp_path_factory.mktemp("launch") / "var")
    code, output = launch.run("--once")
    assert code == 0, output
    return launch, output


@pytest.fixture(scope="session")
def running(fed: tuple[Launch, str]) -> Iterator[Launch]:
    """The same store, started again and staying up."""
    launch, _ = fed
    with launch.start() as process:
        said = read_until(process, "Ctrl-C stops everything")
        assert "Feeding" not in said
        yield launch


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """The whole system with Notice 434 in it, as if written today, watched by a real Prometheus."""
    with observed_system(tmp_path_factory.mktemp("observed")) as running:
        yield running


@pytest.fixture(scope="module")
def running_history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_lagging_system(tmp_path_factory.mktemp("scheduler")) as system:
        yield system


@pytest.fixture
def lagging(running_history: System) -> System:
    """The system with the lagging history, without anything that notifiers stored."""
    forget(running_history)
    return running_history


@pytest.fixture
def june(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Sixty accounts of June: forty of An Nhon, twenty of Quy Nhon."""
    with System(tmp_path_factory.mktemp("closing")) as system:
        system.start()
        send(system, EVENTS)
        yield system


@pytest.fixture
def clocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clocked]:
    """The clock stands at 10 June."""
    with System(tmp_path_factory.mktemp("clocked")) as system:
        clocked = Clocked(system, system.folder / "clock")
        clocked.set(at(dt.date(2023, 6, 10), 9))
        system.metrics = clocked.process()
        system.start()
        send(system, EVENTS)
        yield clocked

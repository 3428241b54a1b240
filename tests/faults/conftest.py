"""The system under fault, and the seed its events and moments come from."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from services.notifier.outbox.outbox import Outbox
from shared.domain.clock import system_clock
from tests.support.deliveries import QUICK
from tests.support.load import Upstream
from tests.support.outcomes import Outcomes
from tests.support.processes import System


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Printed when a test fails; set FAULT_SEED to run the same moments again."""
    chosen = int(os.environ.get("FAULT_SEED") or random.randrange(10**6))
    request.node.add_report_section("setup", "seed", f"FAULT_SEED={chosen}")
    return chosen


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """Valkey, ingest and metrics, started."""
    with System(tmp_path) as started:
        started.start()
        yield started


@pytest.fixture
def upstream(system: System, seed: int) -> Upstream:
    return Upstream(system.ingest, seed)


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


@pytest.fixture
def outbox(valkey: Redis) -> Outbox:
    return Outbox(valkey, system_clock, back_off=QUICK)

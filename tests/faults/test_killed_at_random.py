"""kill -9 of each process at random moments under load: counters equal the recount of what was answered 202."""

import threading
from collections.abc import Callable
from random import Random

import pytest

from tests.support.load import Load, Upstream, assert_exact
from tests.support.processes import System

KILLS = 50
LONGEST = 0.25
"""Seconds a process lives under load after it is up, at most: the kills fall anywhere in that."""


def kill_at_random(kill: Callable[[], None], start: Callable[[], None], seed: int) -> None:
    """Kill and start again, KILLS times, each after a random while."""
    random = Random(seed)
    moment = threading.Event()
    for _ in range(KILLS):
        moment.wait(random.uniform(0, LONGEST))
        kill()
        start()


@pytest.mark.parametrize("victim", ["metrics", "ingest", "valkey"])
def test_killed_at_fifty_random_moments(victim: str, system: System, upstream: Upstream, seed: int) -> None:
    service = {"metrics": system.metrics, "ingest": system.ingest}.get(victim)

    def start() -> None:
        if service is None:
            system.valkey.start()
        else:
            service.start()
            service.wait_ready()

    load = Load(upstream)
    load.start()
    kill_at_random(service.kill if service else system.valkey.kill, start, seed)
    load.finish()
    assert len(upstream.acknowledged) > 20 * KILLS
    assert_exact(system.metrics, upstream.acknowledged)

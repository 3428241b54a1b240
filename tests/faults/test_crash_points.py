"""Each point at which a commit or a durable write can be cut short: after restarts the counters are exact."""

import pytest

from tests.support.load import Load, Upstream, assert_exact
from tests.support.processes import Service, System, forked
from tests.support.waiting import wait_until

TIMES = 6


def broken(system: System, name: str, point: str) -> Service:
    """A service that crashes at `point` TIMES times over its restarts."""
    tally = str(system.folder / "tally")
    service = system.service(name, forked("tests.support.crashing_services"))
    service.environment |= {"BREAK_AT": point, "BREAK_TIMES": str(TIMES), "BREAK_TALLY": tally}
    return service


def crash_and_restart(service: Service) -> None:
    for _ in range(TIMES):
        service.start()
        wait_until(lambda: service.ended, f"it crashes\n{service.output}")
        assert service.exit_code() == -9, service.output
    service.start()


@pytest.mark.parametrize("point", ["before the read", "after the read", "after the script"])
def test_metrics_ends_in_the_midst_of_a_commit(point: str, system: System, upstream: Upstream) -> None:
    system.metrics.kill()
    metrics = broken(system, "metrics", point)
    load = Load(upstream)
    load.start()
    crash_and_restart(metrics)
    load.finish()
    assert_exact(metrics, upstream.acknowledged)


@pytest.mark.parametrize("point", ["before the write", "after the write"])
def test_ingest_ends_in_the_midst_of_a_request(point: str, system: System, seed: int) -> None:
    system.ingest.kill()
    ingest = broken(system, "ingest", point)
    upstream = Upstream(ingest, seed)
    load = Load(upstream)
    load.start()
    crash_and_restart(ingest)
    load.finish()
    assert_exact(system.metrics, upstream.acknowledged)


def test_metrics_ends_in_the_midst_of_a_recount(system: System, upstream: Upstream) -> None:
    """The counts were made under other rules; the process that recounts them is killed again and again."""
    for _ in range(10):
        upstream.send(upstream.batch(50))
    assert_exact(system.metrics, upstream.acknowledged)
    system.metrics.kill()
    with system.valkey.client() as redis:
        for key in redis.scan_iter("counts:*"):
            redis.hset(key, mapping={"rules": "others", "reporting|articles|an-nhon|19500": 7})
    metrics = broken(system, "metrics", "in a rebuild")
    crash_and_restart(metrics)
    assert_exact(metrics, upstream.acknowledged)

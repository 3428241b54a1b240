"""A start under settings that would count everybody again refuses, in one line and with exit code 2."""

import pytest

from tests.support.load import Upstream, assert_exact
from tests.support.processes import System, console


@pytest.mark.parametrize("name", ["ingest", "metrics", "rebuild"])
def test_another_number_of_partitions_refuses(name: str, system: System, upstream: Upstream) -> None:
    upstream.send(upstream.batch(50))
    other = system.service(name, console, partitions="3")
    other.start()
    assert other.exit_code() == 2
    assert "this store was made with partitions 2, this process has 3" in other.output
    assert "Traceback" not in other.output
    assert_exact(system.metrics, upstream.acknowledged)


def test_another_pseudonym_secret_refuses(system: System, upstream: Upstream) -> None:
    upstream.send(upstream.batch(50))
    secret = system.folder / "other-secret"
    secret.write_text("another secret")
    other = system.service("ingest", console, pseudonym_secret_file=str(secret))
    other.start()
    assert other.exit_code() == 2
    assert "this store was made with pseudonym fingerprint" in other.output
    assert "Traceback" not in other.output
    assert "another secret" not in other.output
    assert_exact(system.metrics, upstream.acknowledged)


def test_rebuilding_without_a_store_says_so(system: System) -> None:
    system.valkey.kill()
    command = system.service("rebuild", console)
    command.start()
    assert command.exit_code() == 2
    assert "Redis cannot be reached" in command.output
    assert "Traceback" not in command.output


def test_metrics_under_an_older_catalogue_ends_when_the_counts_are_made_anew(
    system: System, upstream: Upstream
) -> None:
    """Two catalogues cannot both be in force: the process whose rules are no longer those of the counts ends."""
    upstream.send(upstream.batch(50))
    assert_exact(system.metrics, upstream.acknowledged)
    with system.valkey.client() as redis:
        for key in redis.scan_iter("counts:*"):
            redis.hset(key, "rules", "others")
    upstream.send(upstream.batch(50))
    assert system.metrics.exit_code() == 2
    assert "made under another catalogue" in system.metrics.output
    assert "Traceback" not in system.metrics.output
    system.metrics.start()
    assert_exact(system.metrics, upstream.acknowledged)

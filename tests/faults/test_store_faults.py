"""Valkey away, stalled, full, emptied, cut off, or with garbage in the log: refused, never lost, counted exactly."""

import signal
from collections.abc import Callable
from functools import partial

import httpx
import msgpack
import pytest

from shared.log.codec import UNKNOWN_KEY, VERSION, EntryBuilder, EventShape
from tests.support.load import Load, Upstream, assert_exact
from tests.support.processes import Service, System, forked
from tests.support.waiting import wait_until


def assert_refused(response: httpx.Response) -> None:
    assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) > 0
    assert response.json()["status"] == 503


def full(system: System) -> None:
    """Far over its limit, so that memory given back meanwhile makes no room."""
    with system.valkey.client() as redis:
        redis.config_set("maxmemory", 1)


def not_full(system: System) -> None:
    with system.valkey.client() as redis:
        redis.config_set("maxmemory", 0)


FAULTS: dict[str, tuple[Callable[[System], None], Callable[[System], None]]] = {
    "away": (lambda system: system.valkey.kill(), lambda system: system.valkey.start()),
    "stalled": (lambda system: system.valkey.send(signal.SIGSTOP), lambda system: system.valkey.send(signal.SIGCONT)),
    "full": (full, not_full),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_ingest_refuses_rather_than_loses(fault: str, system: System, upstream: Upstream) -> None:
    begin, end = FAULTS[fault]
    for _ in range(10):
        upstream.send(upstream.batch(50))
    begin(system)
    refused = [upstream.batch(50), upstream.batch(1)]
    for events in refused:
        assert_refused(upstream.post(events))
    if fault != "full":
        ready = system.ingest.client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "redis is unavailable")
        assert system.ingest.metric("pulse_ingest_redis_up") == 0
    assert system.ingest.status("/livez") == httpx.codes.OK
    end(system)
    for events in refused:
        upstream.send(events)
    system.valkey.kill()
    system.valkey.start()
    assert_exact(system.metrics, upstream.acknowledged)
    assert system.ingest.get("/readyz")["durability"] == "always"
    assert system.ingest.metric("pulse_ingest_durable") == 1


def test_services_start_while_the_store_is_away_or_full(system: System, upstream: Upstream) -> None:
    for _ in range(10):
        upstream.send(upstream.batch(50))
    system.ingest.kill()
    system.metrics.kill()
    system.valkey.kill()
    for service in (system.ingest, system.metrics):
        service.start()
        wait_until(partial(_lives, service), "it is alive")
        assert service.status("/readyz") == httpx.codes.SERVICE_UNAVAILABLE
    assert_refused(upstream.post(upstream.batch()))
    system.valkey.start()
    upstream.send(upstream.batch(50))
    full(system)
    system.ingest.kill()
    system.metrics.kill()
    system.ingest.start()
    system.metrics.start()
    wait_until(partial(_lives, system.ingest), "it is alive")
    assert system.ingest.client.get("/readyz").json()["status"] == "redis is full"
    assert_refused(upstream.post(upstream.batch()))
    not_full(system)
    upstream.send(upstream.batch(50))
    assert_exact(system.metrics, upstream.acknowledged)


def test_weaker_durability_is_said(system: System) -> None:
    with system.valkey.client() as redis:
        redis.config_set("appendfsync", "everysec")
    assert system.ingest.get("/readyz")["durability"] == "everysec"
    assert system.ingest.metric("pulse_ingest_durable") == 0


def test_connections_cut_again_and_again(system: System, upstream: Upstream) -> None:
    load = Load(upstream)
    load.start()
    with system.valkey.client() as redis:
        for _ in range(40):
            load.join(0.05)
            redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    load.finish()
    assert_exact(system.metrics, upstream.acknowledged)


def test_flushed_under_load_and_sent_again(system: System, upstream: Upstream) -> None:
    store = system.ingest.get("/readyz")["store"]
    load = Load(upstream)
    load.start()
    while len(upstream.acknowledged) < 1000:
        load.join(0.02)
    with system.valkey.client() as redis:
        redis.flushall()
    while len(upstream.acknowledged) < 2000:
        load.join(0.02)
    load.finish()
    acknowledged = list(upstream.acknowledged)
    for start in range(0, len(acknowledged), 500):
        upstream.send(acknowledged[start : start + 500])
    assert_exact(system.metrics, acknowledged)
    wait_until(lambda: system.ingest.get("/readyz")["store"] != store, "ingest opens the emptied store anew")
    other = system.service("metrics", partitions="3")
    other.start()
    assert other.exit_code() == 2


def poison() -> list[dict[str, bytes]]:
    """Entries nobody should have written: no entry, columns of wrong types and lengths."""
    shape = ["article.published", "reporting", [["unit", "an-nhon"]]]
    entity, time = b"0123456789abcdef", 1_686_700_000_000_000_000
    columns: list[object] = [
        [1, [shape], [0], entity, [time]],
        [1, [shape], [1], entity, [time], ["id"]],
        [1, [shape], [-1], entity, [time], ["id"]],
        [1, [shape], [0], entity[:5], [time], ["id"]],
        [1, [shape], [0], entity.decode(), [time], ["id"]],
        [1, [shape], [0], entity, ["2023"], ["id"]],
        [1, [shape], [0], entity, [time + 0.5], ["id"]],
        [1, [shape], [0], entity, [time], [7]],
        [1, [shape], [0], entity, [None], ["id"]],
        [1, [["article.published", "reporting", [["unit", ["an-nhon"]]]]], [0], entity, [time], ["id"]],
        [1, [["article.published", "reporting", [["unit", None]]]], [0], entity, [time], ["id"]],
        [1, [["article.published", "nobody", [["unit", "an-nhon"]]]], [0], entity, [time], ["id"]],
        [1, [["article.burnt", "reporting", []]], [0], entity, [time], ["id"]],
        [1, [[7, "reporting", []]], [0], entity, [time], ["id"]],
        [1, [["article.published"]], [0], entity, [time], ["id"]],
        {"version": 1},
        "text",
    ]
    bodies = [msgpack.packb(each) for each in columns] + [
        b"",
        b"\xc1",
        b'{"data": 5}',
        b'{"data": "x"}',
        b"\x89BIN\r\n",
    ]
    return [{"__data__": body} for body in bodies] + [{"other": b"field"}]


def test_poison_is_passed_over_and_said(system: System, upstream: Upstream) -> None:
    entries = poison()
    upstream.send(upstream.batch(100))
    with system.valkey.client() as redis:
        for entry in entries:
            for stream in ("accounts", "outreach"):
                redis.xadd(f"{stream}:{{0}}", entry)
            upstream.send(upstream.batch(5))
    assert_exact(system.metrics, upstream.acknowledged)
    assert system.metrics.metric("pulse_metrics_unreadable_total") == 2 * len(entries)
    assert "entry passed over" in system.metrics.output
    assert "Traceback" not in system.metrics.output


def test_an_entry_of_another_release_ends_metrics_with_a_clear_word(system: System, upstream: Upstream) -> None:
    """Such events count: passing them over would make wrong figures, and a recount would make them for good."""
    upstream.send(upstream.batch(100))
    with system.valkey.client() as redis:
        redis.xadd("accounts:{0}", {"__data__": msgpack.packb([VERSION + 1, "whatever comes next"])})
    assert system.metrics.exit_code() == 2
    assert "run the release that wrote them" in system.metrics.output
    assert "Traceback" not in system.metrics.output


def test_an_event_of_an_unknown_type_beside_known_ones(system: System, upstream: Upstream) -> None:
    """What is known of an entry counts; what is not is said, and stays in the log."""
    builder = EntryBuilder()
    time = 1_686_700_000_000_000_000
    builder.add(
        EventShape("article.published", "reporting", (("unit", "an-nhon"),)), b"0" * 16, time, 0, bytes(8), UNKNOWN_KEY
    )
    builder.add(
        EventShape("article.burnt", "reporting", (("unit", "an-nhon"),)), b"1" * 16, time, 0, bytes(8), UNKNOWN_KEY
    )
    with system.valkey.client() as redis:
        redis.xadd("outreach:{0}", {"__data__": builder.pack()})
    wait_until(lambda: system.metrics.get("/v1/positions")["waiting"] == 0, "it is counted")
    rows = system.metrics.get("/v1/measures", as_of="2023-07-01")["rows"]
    assert [row for row in rows if row["value"]] == [{"measure": "articles", "unit": "an-nhon", "value": 1}]
    assert system.metrics.metric("pulse_metrics_unreadable_total") == 1


def broken_metrics(system: System, how: str) -> Service:
    system.metrics.kill()
    metrics = system.service("metrics", forked("tests.support.crashing_services"), stuck_after="3")
    metrics.environment["BREAK_AT"] = how
    metrics.start()
    metrics.wait_ready()
    return metrics


def test_readyz_notices_a_consumer_that_makes_no_progress(system: System, upstream: Upstream) -> None:
    metrics = broken_metrics(system, "no commit")
    upstream.send(upstream.batch(100))
    message = "entries waiting, no progress"
    wait_until(lambda: message in metrics.client.get("/readyz").json()["status"], "metrics says it is stuck")
    assert metrics.status("/readyz") == httpx.codes.SERVICE_UNAVAILABLE
    wait_until(lambda: metrics.metric("pulse_metrics_stuck_consumers") > 0, "the metric says so too")
    assert metrics.metric("pulse_metrics_commit_failures_total") > 0
    assert metrics.status("/livez") == httpx.codes.OK


def test_a_log_nobody_is_subscribed_to_is_counted_all_the_same(system: System, upstream: Upstream) -> None:
    """A subscriber that fell silent for whatever reason: the consumer reads the log itself."""
    metrics = broken_metrics(system, "no subscriber")
    for _ in range(5):
        upstream.send(upstream.batch(50))
    assert_exact(metrics, upstream.acknowledged)


def _lives(service: Service) -> bool:
    return service.status("/livez") == httpx.codes.OK

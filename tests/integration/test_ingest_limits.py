"""Ingest at its limits: too many requests, a store that stalls or has no replica, settings it refuses to start with."""

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from redis import Redis

from tests.integration.conftest import STRUCTURED, Ingest, assert_problem, post_events, running_ingest
from tests.support.bearer import TOKEN
from tests.support.processes import console
from tests.support.sample_events import event


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Ingest]:
    """A process with room for one request at a time and little patience with its store."""
    with running_ingest(tmp_path, max_in_flight="1", redis_timeout="0.5") as running:
        yield running


def test_one_request_too_many_is_429_with_retry_after(small: Ingest) -> None:
    place = urlparse(small.url)
    body = json.dumps(event()).encode()
    head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: {STRUCTURED}\r\n"
    with socket.create_connection((str(place.hostname), int(place.port or 0))) as slow:
        slow.sendall(f"{head}Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode())
        assert slow.recv(100).startswith(b"HTTP/1.1 100")
        response = post_events(small, [event()])
        assert_problem(response, 429)
        assert int(response.headers["Retry-After"]) >= 1
        slow.sendall(body)
        assert slow.recv(1000).startswith(b"HTTP/1.1 202")
    assert post_events(small, [event()]).status_code == 202


def test_a_sender_that_hangs_up_frees_its_place(small: Ingest) -> None:
    place = urlparse(small.url)
    for _ in range(3):
        with socket.create_connection((str(place.hostname), int(place.port or 0))) as gone:
            head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
            gone.sendall(f"{head}Content-Length: 10\r\nExpect: 100-continue\r\n\r\n".encode())
            assert gone.recv(100).startswith(b"HTTP/1.1 100")
    while post_events(small, [event()]).status_code == 429:
        pass
    assert post_events(small, [event()]).status_code == 202
    assert "Traceback" not in small.output
    assert '"error"' not in small.output


def test_a_stalled_store_is_503_until_it_goes_on(small: Ingest) -> None:
    small.system.valkey.send(signal.SIGSTOP)
    try:
        for events in ([event()], [event(), event(id="2")]):
            response = post_events(small, events)
            assert "nothing of this request is acknowledged" in assert_problem(response, 503)["detail"]
            assert int(response.headers["Retry-After"]) >= 1
        assert small.client.get("/readyz").status_code == 503
        assert small.client.get("/livez").status_code == 200
    finally:
        small.system.valkey.send(signal.SIGCONT)
    assert post_events(small, [event()]).status_code == 202
    assert small.client.get("/readyz").status_code == 200


def test_a_store_that_takes_no_writes_is_named_and_nothing_of_it_shown(small: Ingest) -> None:
    with Redis.from_url(small.valkey) as redis:
        for setting, undone, problem in (
            (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0"), "redis is full"),
            (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE"), "redis is read-only"),
        ):
            redis.execute_command(*setting)
            for _ in range(3):
                ready = small.client.get("/readyz")
                assert (ready.status_code, ready.json()["status"]) == (503, problem)
            detail = assert_problem(post_events(small, [event(data={"unit": "hanoi"})]), 503)["detail"]
            assert detail == f"nothing of this request is acknowledged; send it again ({problem})"
            redis.execute_command(*undone)
            assert small.client.get("/readyz").json()["status"] == "ready"
            assert small.output.count(f'"event": "{problem}"') == 1
        redis.config_set("appendfsync", "everysec")
        ready = small.client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "ready; weaker durability: everysec")


def test_without_its_replica_nothing_is_acknowledged(tmp_path: Path) -> None:
    with running_ingest(tmp_path, durability="replica", replica_timeout="0.1") as alone:
        for events in ([event()], [event(), event(id="2")]):
            assert "no replica" in assert_problem(post_events(alone, events), 503)["detail"]


def refused_start(ingest: Ingest, **settings: str) -> str:
    """The last line said by one more process on the same store, which must refuse to run."""
    refused = ingest.system.service("ingest", console, **settings)
    refused.start()
    assert refused.exit_code() == 2, refused.output
    assert "Traceback" not in refused.output
    return refused.output.splitlines()[-1]


def test_another_secret_or_number_of_partitions_refuses_to_start(ingest: Ingest, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("another secret")
    assert "pseudonym fingerprint" in refused_start(ingest, pseudonym_secret_file=str(tmp_path / "other"))
    assert "partitions 2" in refused_start(ingest, partitions="5")


def test_what_is_set_up_wrongly_is_said_in_one_line(ingest: Ingest, tmp_path: Path) -> None:
    assert "PULSE_INGEST_PORT" in refused_start(ingest, ingest_port=str(urlparse(ingest.url).port))
    assert "PULSE_KEYS_FILE" in refused_start(ingest, keys_file=str(tmp_path / "no"))
    (tmp_path / "empty").write_text("\n")
    assert "PULSE_PSEUDONYM_SECRET_FILE" in refused_start(ingest, pseudonym_secret_file=str(tmp_path / "empty"))
    assert "PULSE_DURABILITY" in refused_start(ingest, durability="some")

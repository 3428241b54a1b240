"""What is sent, delivered or counted more than once counts once."""

import json
import socket
import struct

from tests.support.load import HEADERS, Load, Upstream, assert_exact
from tests.support.processes import System
from tests.support.recount import Event


def send_and_hang_up(port: int, events: list[Event], whole: bool = True) -> None:
    """Post `events` on a raw socket and reset the connection before the reply, or in the middle of the body."""
    body = json.dumps(events).encode()
    headers = HEADERS | {"Host": "127.0.0.1", "Content-Length": str(len(body))}
    head = "POST /v1/events HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode() + b"\r\n" + (body if whole else body[: len(body) // 2]))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_every_request_sent_again_and_with_the_reply_lost(system: System, upstream: Upstream) -> None:
    port = int(system.ingest.url.rpartition(":")[2])
    for _ in range(40):
        events = upstream.batch(10)
        send_and_hang_up(port, events, whole=False)
        send_and_hang_up(port, events)
        upstream.send(events)
        upstream.send(events)
        send_and_hang_up(port, events)
    assert_exact(system.metrics, upstream.acknowledged)
    assert "Traceback" not in system.ingest.output
    assert system.ingest.metric("pulse_ingest_in_flight") == 0


def test_single_events_that_share_a_write(system: System, seed: int) -> None:
    upstreams = [Upstream(system.ingest, seed + number) for number in range(4)]
    senders = [Load(upstream, size=1) for upstream in upstreams]
    for sender in senders:
        sender.start()
    while min(len(upstream.acknowledged) for upstream in upstreams) < 100:
        senders[0].join(0.05)
    for sender in senders:
        sender.finish()
    assert_exact(system.metrics, [event for upstream in upstreams for event in upstream.acknowledged])


def test_three_metrics_processes_on_the_same_partitions(system: System, upstream: Upstream) -> None:
    """Two beside the first from the start, one of them killed in between: all answer alike, and exactly."""
    others = [system.service("metrics") for _ in range(2)]
    for other in others:
        other.start()
        other.wait_ready()
    load = Load(upstream)
    load.start()
    while len(upstream.acknowledged) < 1500:
        load.join(0.05)
    others[0].kill()
    while len(upstream.acknowledged) < 3000:
        load.join(0.05)
    load.finish()
    assert_exact(system.metrics, upstream.acknowledged)
    assert_exact(others[1], upstream.acknowledged)
    assert sum(each.metric("pulse_metrics_lost_races_total") for each in (system.metrics, others[1])) > 0

"""W3C trace context from the request through the log to the commit, and that nothing of it is there when off."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faststream.redis import RedisBroker
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from redis.asyncio import Redis

from services.ingest.admission import AdmittedEvent, LoggedEvent
from services.ingest.dead_letter_stream import DeadLetterLimits
from services.ingest.publisher import Publisher
from services.metrics.partition_store import START, LogEntry
from services.metrics.redis_partition_store import RedisPartitionStore
from shared.log.codec import DIGEST_BYTES, ENTITY_BYTES, UNKNOWN_KEY, EventShape
from shared.runtime.settings import SettingsError
from shared.runtime.spans import OtlpTracing
from shared.runtime.tracing import NO_TRACING, Tracing, tracing_to
from tests.support.bearer import TOKEN
from tests.support.http_receiver import Receiver, running_receiver
from tests.support.processes import System
from tests.support.waiting import wait_until

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
EVENT = {
    "specversion": "1.0",
    "id": "one",
    "source": "urn:dean5299:reporting",
    "type": "vn.gov.binhdinh.dean5299.household.informed",
    "subject": "a household",
    "time": "2023-06-01T08:00:00+07:00",
    "data": {"unit": "an-nhon"},
}


def send(system: System, **headers: str) -> None:
    given = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/cloudevents+json", **headers}
    answer = system.ingest.client.post("/v1/events", json=EVENT, headers=given)
    assert answer.json() == {"accepted": 1, "rejected": []}


def test_an_event_is_followed_from_the_request_to_the_commit(tmp_path: Path) -> None:
    receiver = Receiver([200])
    with running_receiver(receiver) as url, System(tmp_path, otlp_endpoint=f"{url}/v1/traces") as system:
        system.start()
        send(system, traceparent=f"00-{TRACE}-{PARENT}-01")
        wait_until(lambda: system.metrics.metric("pulse_metrics_counted_total") == 1, "the event is counted")
        system.ingest.stop()
        system.metrics.stop()
    sent = [ExportTraceServiceRequest.FromString(body) for path, _, body in receiver.seen if path == "/v1/traces"]
    spans = {
        span.name.split(" outreach")[0]: (resource.resource.attributes, span)
        for message in sent
        for resource in message.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    }
    assert spans.keys() == {"POST /v1/events", "commit"}
    request, commit = spans["POST /v1/events"][1], spans["commit"][1]
    assert request.trace_id.hex() == commit.trace_id.hex() == TRACE
    assert request.parent_span_id.hex() == PARENT
    assert commit.parent_span_id == request.span_id
    assert "a household" not in str(sent)


def household_informed(number: int) -> LoggedEvent:
    shape = EventShape("household.informed", "reporting", (("unit", "an-nhon"),))
    entity, digest = bytes([number]) * ENTITY_BYTES, bytes([number]) * DIGEST_BYTES
    return LoggedEvent(AdmittedEvent(shape, "outreach", 1, 0), entity, digest, UNKNOWN_KEY)


async def published(url: str, redis: Redis, tracing: Tracing) -> list[LogEntry]:
    """What the log holds after two requests of one event each, at the same time."""

    async def request(number: int) -> None:
        with tracing.request({}):
            await publisher.publish([household_informed(number)], [])

    async with RedisBroker(url) as broker:
        publisher = Publisher(broker, 1, None, DeadLetterLimits(9, 999, 9), share_within=0.05, tracing=tracing)
        await asyncio.gather(request(1), request(2))
    store = RedisPartitionStore(redis, "outreach", 0)
    return await store.entries(START, await store.last_id(), 100)


async def test_requests_that_share_a_write_keep_a_trace_each(valkey_server: str, valkey: Redis) -> None:
    memory = InMemorySpanExporter()
    spans = OtlpTracing("tests", SimpleSpanProcessor(memory))
    [entry] = await published(valkey_server, valkey, spans)
    assert len(entry.traceparents) == 2
    spans.record_commit("outreach:{0}", entry.traceparents, began=1)
    result = memory.get_finished_spans()
    requests = {trace_of(span) for span in result if span.kind is SpanKind.SERVER}
    commits = {trace_of(span) for span in result if span.kind is SpanKind.CONSUMER}
    assert requests == commits
    assert len(requests) == 2


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    trace: int = span.context.trace_id
    return trace


async def test_off_leaves_no_trace(valkey_server: str, valkey: Redis) -> None:
    [entry] = await published(valkey_server, valkey, NO_TRACING)
    assert entry.traceparents == ()


def test_off_is_the_default_and_imports_nothing() -> None:
    assert tracing_to(None, "tests") is NO_TRACING
    code = "import sys, services.ingest.app, services.metrics.app; print('shared.runtime.spans' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_an_address_without_the_packages_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shared.runtime.spans", None)
    with pytest.raises(SettingsError, match=r"PULSE_OTLP_ENDPOINT.*pulse5299\[telemetry\]"):
        tracing_to("http://127.0.0.1:4318/v1/traces", "tests")


def test_a_collector_that_is_away_delays_no_stop(tmp_path: Path) -> None:
    with System(tmp_path, otlp_endpoint="http://127.0.0.1:9/v1/traces") as system:
        system.start()
        send(system)
        began = time.monotonic()
        system.ingest.stop()
        assert time.monotonic() - began < 8

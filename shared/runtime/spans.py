"""Tracing by OpenTelemetry; imported only where PULSE_OTLP_ENDPOINT is set."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

TRACEPARENT = "traceparent"
SECONDS = 2
"""How long one attempt to send may take; what cannot be sent is dropped, for a trace is no figure."""

_propagator = TraceContextTextMapPropagator()


class OtlpTracing:
    """One span per request, and one per request and commit that counted its events, in the same trace."""

    def __init__(self, service: str, processor: SpanProcessor) -> None:
        self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: f"pulse5299-{service}"}))
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("pulse5299")

    def request(self, headers: Mapping[str, str]) -> AbstractContextManager[object]:
        return self._tracer.start_as_current_span("POST /v1/events", _context(headers), SpanKind.SERVER)

    def current_traceparent(self) -> str | None:
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        return carrier.get(TRACEPARENT)

    def record_commit(self, log: str, traceparents: Iterable[str], began: int) -> None:
        for traceparent in traceparents:
            context = _context({TRACEPARENT: traceparent})
            attributes = {"messaging.system": "redis", "messaging.destination.name": log}
            self._tracer.start_span(f"commit {log}", context, SpanKind.CONSUMER, attributes, start_time=began).end()

    def close(self) -> None:
        self._provider.shutdown()


def _context(headers: Mapping[str, str]) -> Context:
    return _propagator.extract(headers, Context())


def exporting(endpoint: str, service: str) -> OtlpTracing:
    """OtlpTracing sent in batches, by a thread of their own."""
    return OtlpTracing(service, BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=SECONDS)))

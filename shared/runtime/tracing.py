"""Where an event went, as W3C trace context: from the HTTP request over the log to the commit. Off unless asked for."""

import contextlib
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from shared.runtime.settings import SettingsError

HEADER = "traceparents"
"""Header of a log entry: the `traceparent` of every request with events in it, separated by commas."""

_NOTHING = contextlib.nullcontext()


class Tracing(Protocol):
    """What the services say of an event's way; times are nanoseconds since 1970."""

    def request(self, headers: Mapping[str, str]) -> AbstractContextManager[object]:
        """A span around one request, under the sender's trace where its headers name one."""

    def current_traceparent(self) -> str | None:
        """The `traceparent` of the span around the caller, None without one."""

    def record_commit(self, log: str, traceparents: Iterable[str], began: int) -> None:
        """A commit to `log` that began at `began` stands, with events of these requests."""

    def close(self) -> None:
        """Send what is not sent yet; takes two seconds at most."""


class NoTracing:
    """Tracing that is off."""

    def request(self, headers: Mapping[str, str]) -> AbstractContextManager[object]:
        return _NOTHING

    def current_traceparent(self) -> str | None:
        return None

    def record_commit(self, log: str, traceparents: Iterable[str], began: int) -> None:
        pass

    def close(self) -> None:
        pass


NO_TRACING = NoTracing()


def tracing_to(endpoint: str | None, service: str) -> Tracing:
    """Tracing of `service` that is sent to an OTLP/HTTP address; off without one.

    Raises:
        SettingsError: an address, but not the packages.
    """
    if endpoint is None:
        return NO_TRACING
    try:
        from shared.runtime.spans import exporting
    except ImportError as error:
        raise SettingsError("PULSE_OTLP_ENDPOINT: tracing needs `pip install pulse5299[telemetry]`") from error
    return exporting(endpoint, service)

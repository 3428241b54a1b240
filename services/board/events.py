"""Events: tells open pages that what they show changed, as server-sent events, until the process stops."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from functools import partial

from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import AppStatus

from shared.runtime.server import set_within

# The library would end streams by a flag of the whole process, read twice a second and never reset; `Live.stop` does.
AppStatus.enable_automatic_graceful_drain = False

event = partial(ServerSentEvent, sep="\n")

PAUSE = 1.0
"""Seconds between two events, and until a new day is noticed."""

HEARTBEAT = 15.0
"""Seconds between two comments, which tell proxies and the browser that the stream is alive."""

RETRY = 2000
"""Milliseconds after which a browser connects again."""


class Live:
    """Tells open pages that what they show changed; the subscribers of the streams call `changed`."""

    def __init__(self, today: Callable[[], dt.date], run_id: str) -> None:
        self._today = today
        self._run_id = run_id
        self._revision = 0
        self._stopping = False
        self._outdated = asyncio.Event()
        self._changed = asyncio.Event()
        self.listeners = 0

    @property
    def version(self) -> str:
        """What the pages of today stand at; another process or another day is another version."""
        return f"{self._run_id}-{self._today():%Y%m%d}-{self._revision}"

    def changed(self) -> None:
        """Figures or flags changed: every open page hears of it within a second."""
        self._revision += 1
        self._outdated.set()

    async def run(self, pause: float = PAUSE) -> None:
        """Tell open pages of every new version, a new day's too, at most once in `pause` seconds."""
        version = self.version
        while True:
            await set_within(self._outdated, pause)
            self._outdated.clear()
            if self.version != version:
                version = self.version
                self._wake()
                await asyncio.sleep(pause)

    def stop(self) -> None:
        """End every stream of events, so that the server need not wait for those who listen."""
        self._stopping = True
        self._wake()

    def response(self, seen: str, heartbeat: float = HEARTBEAT) -> EventSourceResponse:
        """The events for a page that stands at `seen`, with comments meanwhile."""
        return EventSourceResponse(
            self.events(seen),
            headers={"Cache-Control": "no-store"},
            ping=heartbeat,
            ping_message_factory=lambda: event(comment="still here"),
        )

    async def events(self, seen: str) -> AsyncIterator[ServerSentEvent]:
        """A `figures` event whenever the version is no longer `seen`."""
        self.listeners += 1
        try:
            yield event(retry=RETRY)
            while not self._stopping:
                changed = self._changed
                if self.version != seen:
                    seen = self.version
                    yield event(seen, event="figures", id=seen)
                await changed.wait()
        finally:
            self.listeners -= 1

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

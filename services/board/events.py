"""Server-sent events: at most one a second, for changes of figures or flags, until the process stops."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable

from shared.runtime.server import set_within

PAUSE = 1.0
"""Seconds between two events, and until a new day is noticed."""

HEARTBEAT = 15.0
RETRY = "retry: 2000\n\n"


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

    async def events(self, seen: str, heartbeat: float = HEARTBEAT) -> AsyncIterator[str]:
        """`text/event-stream`: a `figures` event whenever the version is no longer `seen`, comments meanwhile."""
        self.listeners += 1
        try:
            yield RETRY
            while not self._stopping:
                changed = self._changed
                if self.version != seen:
                    seen = self.version
                    yield f"event: figures\nid: {seen}\ndata: {seen}\n\n"
                if not await set_within(changed, heartbeat):
                    yield ": still here\n\n"
        finally:
            self.listeners -= 1

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

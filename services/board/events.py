"""Server-sent events: one for every change of the figures, at most one a second, until the process stops."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable

from services.metrics.projection import CounterProjection
from shared.runtime.store import REDIS_UNAVAILABLE

PAUSE = 1.0
HEARTBEAT = 15.0
RETRY = "retry: 2000\n\n"


class Live:
    """Looks whether figures changed, here or by another process, while somebody listens."""

    def __init__(self, view: CounterProjection, today: Callable[[], dt.date], run_id: str) -> None:
        self._view = view
        self._today = today
        self._run_id = run_id
        self._listeners = 0
        self._stopping = False
        self._news = asyncio.Event()

    @property
    def version(self) -> str:
        """What the figures of today stand at; another process or another day is another version."""
        return f"{self._run_id}-{self._today():%Y%m%d}-{self._view.revision}"

    async def run(self, pause: float = PAUSE) -> None:
        """Look every `pause` seconds, for ever."""
        told = self.version
        while True:
            await asyncio.sleep(pause)
            if self._listeners:
                with contextlib.suppress(*REDIS_UNAVAILABLE):
                    await self._view.refresh()
            if self.version != told:
                told = self.version
                self._wake()

    def stop(self) -> None:
        """End every stream of events, so that the server need not wait for those who listen."""
        self._stopping = True
        self._wake()

    async def events(self, seen: str, heartbeat: float = HEARTBEAT) -> AsyncIterator[str]:
        """`text/event-stream`: a `figures` event whenever the version is no longer `seen`, comments meanwhile."""
        self._listeners += 1
        try:
            yield RETRY
            while not self._stopping:
                news = self._news
                if self.version != seen:
                    seen = self.version
                    yield f"event: figures\nid: {seen}\ndata: {seen}\n\n"
                if not await _set_within(news, heartbeat):
                    yield ": still here\n\n"
        finally:
            self._listeners -= 1

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True

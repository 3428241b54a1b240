"""One run of the launcher: bring the system up, feed it if it is empty, show what it knows, stay until a signal.

Any process may die at any moment: the supervisor starts it again, and every request here is made again until then.
"""

import asyncio
import datetime as dt
import signal
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import stamina

from services.local.processes import check_ports, start_everything
from services.local.state_dir import LocalSettings, StateDir
from services.local.supervisor import Say, Supervisor, kill_orphans
from services.sender.client import store_of
from services.sender.feed import feed_shown
from services.sender.feed_state import FeedState
from services.sender.inputs import open_input
from services.sender.retries import Backoff
from shared.clients.metrics import MetricsClient
from shared.clients.notifier import NotifierClient
from shared.contracts.flags import Flag
from shared.contracts.metrics import Progress
from shared.domain.errors import ConflictError, UnavailableError
from shared.log.keys import STREAMS, stream_key
from shared.runtime.server import cancel_and_wait
from shared.runtime.settings import ROOT
from shared.runtime.store import REDIS_UNAVAILABLE, connect

T = TypeVar("T")
Show = Callable[[Progress, list[Flag]], None]

NOTICE_434 = ROOT / "data" / "notice-434"
NOTICE_434_AS_OF = dt.date(2023, 7, 1)

ANSWERED_WITHIN = 120.0
"""Seconds for one question with all its repetitions."""

DELIVERED_WITHIN = 120.0
PORTS_FREE_WITHIN = 10.0
POLL = 0.1

TEMPORARY = (UnavailableError, ConflictError, *REDIS_UNAVAILABLE)
"""What a process that died, or is starting, gives the launcher: no answer, 503, or 409 while its lease lasts."""

FEED_BACKOFF = Backoff(cap=2.0, patience=ANSWERED_WITHIN)


class Launcher:
    """One run of the launcher; `show` prints the progress and the flags once everything is counted."""

    def __init__(self, settings: LocalSettings, place: StateDir, say: Say, show: Show) -> None:
        self._settings = settings
        self._place = place
        self._say = say
        self._show = show
        self._ingest = f"http://127.0.0.1:{settings.ingest_port}"

    async def run(self, once: bool, feed: bool) -> None:
        """Everything from start to stop; a signal at any moment leads straight to the stop.

        Raises:
            EndedError, SendError, PortTakenError, TimeoutError: the system cannot be brought up, fed or asked.
        """
        orphans = kill_orphans(self._place.pids, self._say)
        await check_ports(self._settings, PORTS_FREE_WITHIN if orphans else 0.0)
        self._place.prepare()
        supervisor = Supervisor(self._place.pids, self._say)
        stop_requested = asyncio.Event()
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(signal_number, stop_requested.set)
        work = asyncio.create_task(self._bring_up(supervisor, feed))
        stop = asyncio.ensure_future(stop_requested.wait())
        try:
            await _first_of(work, stop, supervisor.ended)
            if not stop_requested.is_set() and not once:
                self._say("Running. Ctrl-C stops everything.")
                await _first_of(stop, supervisor.ended)
        finally:
            await cancel_and_wait(work)
            stop.cancel()
            await supervisor.stop()
            self._say("Stopped.")

    async def _bring_up(self, supervisor: Supervisor, feed: bool) -> None:
        await start_everything(supervisor, self._place, self._settings)
        if feed:
            await self._feed()
        async with httpx.AsyncClient() as http:
            key = self._place.key.read_text().strip()
            metrics = MetricsClient(http, f"http://127.0.0.1:{self._settings.metrics_port}")
            progress = await answered(lambda: metrics.progress(NOTICE_434_AS_OF, counted=True))
            flags = await self._flags(NotifierClient(http, f"http://127.0.0.1:{self._settings.notifier_port}", key))
        self._show(progress, flags)

    async def _feed(self) -> None:
        """Feed Notice 434 into an empty store, or go on where an earlier run was interrupted."""
        with open_input(NOTICE_434) as source:
            store = await store_of(self._ingest, self._say, FEED_BACKOFF)
            path = self._place.root / f"feed-{source.digest[:16]}.json"
            state = FeedState.load(path, store)
            if state.answered == source.total or not (state.begun or await answered(self._store_is_empty)):
                return
            state.advance(state.answered, [], [])  # what was sent and never answered is then known as this feed's
            key = self._place.key.read_text().strip()
            await feed_shown("Feeding Notice 434", source.events(), source.total, self._ingest, key, path, FEED_BACKOFF)

    async def _store_is_empty(self) -> bool:
        names = [stream_key(stream, part) for stream in STREAMS for part in range(self._settings.partitions)]
        async with connect(self._settings) as redis:
            return not await redis.exists(*names)

    async def _flags(self, notifier: NotifierClient) -> list[Flag]:
        """The flags that stand; evaluated where that was not done yet, their mail delivered where it can be."""
        day = NOTICE_434_AS_OF
        response = await answered(lambda: notifier.flags(day))
        if response.evaluated_on != day:
            response = await answered(lambda: notifier.evaluate(day, digests=True))
        try:
            async with asyncio.timeout(DELIVERED_WITHIN):
                while (await answered(notifier.outbox)).pending["mail"]:
                    await asyncio.sleep(POLL)
        except TimeoutError:
            self._say("Some mail is not delivered yet; `pulse5299 outbox` shows it. The notifier goes on trying.")
        return response.standing


async def answered(question: Callable[[], Awaitable[T]]) -> T:
    """The answer to `question`, asked again while the trouble is TEMPORARY.

    Raises:
        TimeoutError: none within ANSWERED_WITHIN.
    """
    retry = stamina.AsyncRetryingCaller(attempts=None, timeout=None, wait_initial=POLL, wait_max=1.0, wait_jitter=POLL)
    async with asyncio.timeout(ANSWERED_WITHIN):
        return await retry(TEMPORARY, question)


async def _first_of(*waiting: "asyncio.Future[Any]") -> None:
    """Return when one of them is done; raise what it raised."""
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for future in done:
        future.result()

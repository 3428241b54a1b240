"""`pulse5299 run`: bring the system up, feed it if it is empty, show what it knows, stay until told to stop."""

import asyncio
import datetime as dt
import json
import signal
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console

from services.cli import summary
from services.cli.sender_options import read_key
from services.cli.services import USER_ERRORS, fail
from services.local.processes import check_ports, start_everything
from services.local.state_dir import InUseError, LocalSettings, StateDir
from services.local.supervisor import EndedError, Supervisor, stop_leftovers
from services.sender.feed import feed_shown, store_of
from services.sender.inputs import open_input
from services.sender.resume_state import FeedState
from services.sender.retries import SendError
from shared.contracts.flags import Flag
from shared.contracts.metrics import Progress
from shared.contracts.notifier import FlagsResponse
from shared.domain.catalogue import Catalogue, load_catalogue
from shared.log.keys import STREAMS, stream_key
from shared.runtime.server import cancel_and_wait
from shared.runtime.settings import ROOT, load_settings
from shared.runtime.store import connect

NOTICE_434 = ROOT / "data" / "notice-434"
NOTICE_434_AS_OF = dt.date(2023, 7, 1)
COUNTED_WITHIN = 120.0
PORTS_FREE_WITHIN = 10.0
TABLE_WIDTH = 118
POLL = 0.1


@click.command()
@click.option("--once", is_flag=True, help="Leave after the summary instead of staying up.")
@click.option("--no-feed", is_flag=True, help="Feed nothing, even into an empty store.")
@click.option(
    "--var",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="The folder that keeps all state: store, secrets, logs, mail.",
)
def run(once: bool, no_feed: bool, var: Path) -> None:
    """Run the whole system on this machine.

    Starts a Valkey of its own and the services, feeds the figures of Notice 434 of 7 July 2023 into an empty
    store through the HTTP API, prints the seven targets and the addresses to open, and stays up until Ctrl-C.
    Run it again any time: it goes on where it stopped, and feeds nothing twice.
    """
    console = Console(width=max(Console().width, TABLE_WIDTH))
    try:
        settings = load_settings(LocalSettings)
        catalogue = load_catalogue(settings.catalogue)
        place = StateDir(var, settings)
        with place.lock():
            asyncio.run(Launcher(settings, catalogue, place, console).run(once, feed=not no_feed))
    except (*USER_ERRORS, InUseError, EndedError, SendError, httpx.HTTPError) as error:
        fail(str(error))
    except TimeoutError:
        fail(f"the services did not finish in time: see {var / 'log'}")


class Launcher:
    """One run of the launcher."""

    def __init__(self, settings: LocalSettings, catalogue: Catalogue, place: StateDir, console: Console) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._place = place
        self._console = console
        self._metrics = f"http://127.0.0.1:{settings.metrics_port}"
        self._notifier = f"http://127.0.0.1:{settings.notifier_port}"
        self._ingest = f"http://127.0.0.1:{settings.ingest_port}"

    async def run(self, once: bool, feed: bool) -> None:
        """Everything from start to stop; a signal at any moment leads straight to the stop.

        Raises:
            EndedError, SendError, PortTakenError: the system cannot be brought up or fed.
        """
        stopped = stop_leftovers(self._place.pids, self._say)
        await check_ports(self._settings, PORTS_FREE_WITHIN if stopped else 0.0)
        self._place.prepare()
        supervisor = Supervisor(self._place.pids, self._say)
        told = asyncio.Event()
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(signal_number, told.set)
        work = asyncio.create_task(self._bring_up(supervisor, feed))
        stop = asyncio.ensure_future(told.wait())
        try:
            await _first_of(work, stop, supervisor.ended)
            if not told.is_set() and not once:
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
        await self._show()

    async def _feed(self) -> None:
        source = open_input(NOTICE_434)
        store = await store_of(self._ingest)
        state = self._place.root / f"feed-{source.digest[:16]}.json"
        begun = FeedState.load(state, store).answered
        if begun == source.total or (not begun and not await self._store_is_empty()):
            return
        key = read_key(self._place.key)
        await feed_shown("Feeding Notice 434", source.events(), source.total, self._ingest, key, state)

    async def _store_is_empty(self) -> bool:
        names = [stream_key(stream, part) for stream in STREAMS for part in range(self._settings.partitions)]
        async with connect(self._settings) as redis:
            return not await redis.exists(*names)

    async def _show(self) -> None:
        day = str(NOTICE_434_AS_OF)
        async with httpx.AsyncClient(timeout=60) as client:
            await self._until_counted(client)
            progress = Progress.model_validate_json(await self._get(client, f"{self._metrics}/v1/progress", as_of=day))
            flags = await self._flags(client, day)
        self._console.print(summary.targets_table(self._catalogue, progress))
        self._console.print(summary.flags_text(flags), soft_wrap=True, highlight=False)
        self._console.print(summary.addresses(self._settings, self._place, NOTICE_434_AS_OF), soft_wrap=True)

    async def _flags(self, client: httpx.AsyncClient, day: str) -> list[Flag]:
        """The flags of `day`, its letters written and delivered; evaluated where that was not done yet."""
        flags = f"{self._notifier}/v1/flags"
        answer = FlagsResponse.model_validate_json(await self._get(client, flags, as_of=day))
        if str(answer.evaluated_on) != day:
            url = f"{self._notifier}/v1/evaluations"
            answer = FlagsResponse.model_validate_json(await self._evaluated(client, url, day))
        async with asyncio.timeout(COUNTED_WITHIN):
            while json.loads(await self._get(client, f"{self._notifier}/v1/outbox"))["pending"]["mail"]:
                await asyncio.sleep(POLL)
        return answer.flags

    async def _evaluated(self, client: httpx.AsyncClient, url: str, day: str) -> bytes:
        """Ask for an evaluation; a notifier that was killed may hold the lease for some seconds yet."""
        async with asyncio.timeout(COUNTED_WITHIN):
            while True:
                response = await client.post(url, params={"day": day, "letters": True})
                if response.status_code != httpx.codes.CONFLICT:
                    return response.raise_for_status().content
                await asyncio.sleep(POLL)

    async def _get(self, client: httpx.AsyncClient, url: str, **parameters: str) -> bytes:
        return (await client.get(url, params=parameters)).raise_for_status().content

    async def _until_counted(self, client: httpx.AsyncClient) -> None:
        """Wait until every entry in the log is in the counts."""
        async with asyncio.timeout(COUNTED_WITHIN):
            while json.loads(await self._get(client, f"{self._metrics}/v1/positions"))["waiting"]:
                await asyncio.sleep(POLL)

    def _say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, highlight=False)


async def _first_of(*waiting: "asyncio.Future[Any]") -> None:
    """Return when one of them is done; raise what it raised."""
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for future in done:
        future.result()

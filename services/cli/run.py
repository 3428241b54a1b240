"""`pulse5299 run`: the whole system on this machine."""

import asyncio
import datetime as dt
from pathlib import Path

import click
import stamina.instrumentation
from rich.console import Console

from services.cli.flags import flags_text
from services.cli.progress import targets_table
from services.cli.services import USER_ERRORS, fail
from services.local.launcher import NOTICE_434_AS_OF, Launcher
from services.local.state_dir import InUseError, LocalSettings, StateDir
from services.local.supervisor import EndedError
from services.sender.retries import SendError
from shared.contracts.flags import Flag
from shared.contracts.metrics import Progress
from shared.domain.catalogue import load_catalogue
from shared.domain.errors import PulseError
from shared.runtime.settings import load_settings

TABLE_WIDTH = 118


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
    stamina.instrumentation.set_on_retry_hooks(())  # the supervisor says which process died
    console = Console(width=max(Console().width, TABLE_WIDTH))
    try:
        settings = load_settings(LocalSettings)
        catalogue = load_catalogue(settings.catalogue)
        place = StateDir(var, settings)

        def say(text: str) -> None:
            console.print(text, soft_wrap=True, highlight=False)

        def show(progress: Progress, flags: list[Flag]) -> None:
            console.print(targets_table(catalogue, progress))
            say(flags_text(flags))
            console.print(_addresses(settings, place, NOTICE_434_AS_OF), soft_wrap=True)

        with place.lock():
            asyncio.run(Launcher(settings, place, say, show).run(once, feed=not no_feed))
    except (*USER_ERRORS, PulseError, InUseError, EndedError, SendError) as error:
        fail(str(error))
    except TimeoutError:
        fail(f"the services did not finish in time: see {var / 'log'}")


def _addresses(settings: LocalSettings, place: StateDir, as_of: dt.date) -> str:
    """Where to look next."""
    metrics = f"http://127.0.0.1:{settings.metrics_port}"
    return "\n".join(
        (
            f"Board      http://127.0.0.1:{settings.board_port}/?as_of={as_of}",
            f"Figures    {metrics}/v1/progress?as_of={as_of}   {metrics}/openapi.json",
            f"Events     http://127.0.0.1:{settings.ingest_port}/v1/events   (bearer key: {place.key})",
            f"Prometheus {metrics}/metrics   http://127.0.0.1:{settings.ingest_port}/metrics",
            f"Mail       {place.mail}   Logs {place.logs}",
        )
    )

"""`pulse5299 deadletters`: look at rejected events, and admit them once their cause is mended."""

import asyncio
import re
from collections.abc import Coroutine
from typing import Any

import click
from redis.exceptions import RedisError
from rich.console import Console

from services.cli.dead_letter_output import print_json, print_plain, print_table
from services.ingest.app import retrier
from services.ingest.dead_letter_queue import DeadLetterQueue
from services.ingest.dead_letter_replay import NotReplayed
from services.ingest.dead_letters import DeadLetter
from services.ingest.publisher import StoreUnavailableError
from services.ingest.settings import IngestSettings
from shared.domain.catalogue import CatalogueError
from shared.runtime.settings import SettingsError, StoreSettings, load_settings
from shared.runtime.store import StoreMismatchError, connect
from shared.runtime.terminal import long_job

ERRORS = (CatalogueError, SettingsError, StoreMismatchError, StoreUnavailableError, RedisError, OSError)

_is_id = re.compile(r"[0-9]{1,20}-[0-9]{1,20}").fullmatch


@click.group()
def deadletters() -> None:
    """Look at events that ingest rejected, and retry them.

    A rejected event waits in the `deadletters` stream with the reason and its content, its subject replaced by a
    pseudonym. Mend the cause (a unit missing in the catalogue, a scope missing in the keys file), then retry: what
    is admitted now is counted, exactly once, in its own day. The rest stays.
    """


@deadletters.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the whole event.")
def list_letters(as_json: bool) -> None:
    """Show every dead letter, oldest first."""
    _run(_list(as_json))


async def _list(as_json: bool) -> None:
    async with connect(load_settings(StoreSettings)) as redis:
        letters = [letter async for page in DeadLetterQueue(redis).pages() for letter in page]
    console = Console()
    if as_json:
        print_json(letters)
    elif console.is_terminal:
        print_table(console, letters)
    else:
        print_plain(letters)


@deadletters.command("retry")
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Retry every letter.")
def retry_letters(ids: tuple[str, ...], everything: bool) -> None:
    """Admit the letters IDS, or --all, under the catalogue and keys in force.

    Needs the settings of ingest. A letter's key must still be in the keys file and allow the event. Interrupted, give
    the same command again: nothing is counted twice. Exit code 1 when a letter had to stay; each is listed with why.
    """
    if everything == bool(ids):
        raise click.UsageError("name the letters to retry, or give --all; `pulse5299 deadletters list` shows them")
    for letter_id in ids:
        if not _is_id(letter_id):
            raise click.UsageError(f"{letter_id!r} is not the id of a letter: ids look like 1688087700000-0")
    tried, left = _run(_retry(ids))
    for stays in left:
        click.echo(f"{stays.letter.id}\t{stays.problem.code}\t{stays.problem.detail()}")
    click.echo(f"{tried - len(left)} admitted, {len(left)} left")
    if left:
        raise SystemExit(1)


async def _retry(ids: tuple[str, ...]) -> tuple[int, list[NotReplayed]]:
    """How many letters were tried, and those that stay."""
    tried = 0
    left: list[NotReplayed] = []
    async with retrier(load_settings(IngestSettings)) as (letterbox, retry):
        if ids:
            return len(ids), await retry.retry([await _found(letterbox, letter_id) for letter_id in dict.fromkeys(ids)])
        with long_job("letters retried", await letterbox.number()) as display:
            async for page in letterbox.pages():
                left += await retry.retry(page)
                tried += len(page)
                display.advance(tried)
    return tried, left


async def _found(letterbox: DeadLetterQueue, letter_id: str) -> DeadLetter:
    letter = await letterbox.find(letter_id)
    if letter is None:
        raise click.ClickException(
            f"there is no letter {letter_id}: `pulse5299 deadletters list` shows those there are"
        )
    return letter


def _run(job: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end; what the user can mend becomes one line."""
    try:
        return asyncio.run(job)
    except ERRORS as error:
        raise click.ClickException(str(error) or type(error).__name__) from error

"""`pulse5299 deadletters`: list rejected events, replay them once their cause is mended, drop junk."""

import asyncio
import json
import re
from collections.abc import Coroutine, Iterable
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.ingest.app import dead_letter_replay
from services.ingest.dead_letter_queue import DeadLetterQueue, NotReplayed
from services.ingest.dead_letters import DeadLetter
from services.ingest.settings import IngestSettings
from shared.domain.errors import PulseError
from shared.runtime.settings import StoreSettings, load_settings
from shared.runtime.store import REDIS_ERRORS, connect
from shared.runtime.terminal import long_job

COLUMNS = ("id", "received", "code", "source", "type", "detail", "times")

_is_id = re.compile(r"[0-9]{1,20}-[0-9]{1,20}").fullmatch


@click.group()
def deadletters() -> None:
    """Look at events that ingest rejected, retry them, or drop them.

    A rejected event waits in the `deadletters` stream with the reason and its content, its subject replaced by a
    pseudonym. Mend the cause (a unit missing in the catalogue, a scope missing in the keys file), then retry: what
    is admitted now is counted, exactly once, in its own day. The rest stays until it is dropped, or too many or too
    old: PULSE_MAX_DEAD_LETTERS, PULSE_MAX_DEAD_LETTER_BYTES, PULSE_DEAD_LETTER_DAYS.
    """


@deadletters.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the whole event.")
def list_dead_letters(as_json: bool) -> None:
    """Show every dead letter, oldest first."""
    _run(_list(as_json))


async def _list(as_json: bool) -> None:
    """Page by page: there may be more than fit into memory."""
    console = Console()
    async with connect(load_settings(StoreSettings)) as redis:
        async for page in DeadLetterQueue(redis).pages():
            if as_json:
                _print_json(page)
            elif console.is_terminal:
                _print_table(console, page)
            else:
                _print_lines(page)


@deadletters.command("retry")
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Retry every dead letter.")
def retry_dead_letters(ids: tuple[str, ...], everything: bool) -> None:
    """Admit the dead letters IDS, or --all, under the catalogue and keys in force.

    Needs the settings of ingest. A dead letter's key must still be in the keys file and allow the event. Interrupted,
    give the same command again: nothing is counted twice. Exit code 1 when one had to stay; each is listed with why.
    """
    _check_chosen(ids, everything)
    tried, staying = _run(_retry(ids))
    for each in staying:
        click.echo(f"{each.dead_letter.id}\t{each.problem.code}\t{each.problem.detail()}")
    click.echo(f"{tried - len(staying)} admitted, {len(staying)} left")
    if staying:
        raise SystemExit(1)


@deadletters.command("drop")
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Drop every dead letter that is there now.")
def drop_dead_letters(ids: tuple[str, ...], everything: bool) -> None:
    """Delete the dead letters IDS, or --all: they can never be counted then. For what nobody will correct."""
    _check_chosen(ids, everything)
    click.echo(f"{_run(_drop(ids))} dropped")


async def _drop(ids: tuple[str, ...]) -> int:
    async with connect(load_settings(StoreSettings)) as redis:
        queue = DeadLetterQueue(redis)
        if ids:
            return await queue.remove([await _find(queue, entry_id) for entry_id in dict.fromkeys(ids)])
        return sum([await queue.remove(page) async for page in queue.pages()])


def _check_chosen(ids: tuple[str, ...], everything: bool) -> None:
    if everything == bool(ids):
        raise click.UsageError("name the dead letters, or give --all; `pulse5299 deadletters list` shows them")
    for entry_id in ids:
        if not _is_id(entry_id):
            raise click.UsageError(f"{entry_id!r} is not the id of a dead letter: ids look like 1688087700000-0")


async def _retry(ids: tuple[str, ...]) -> tuple[int, list[NotReplayed]]:
    """How many dead letters were tried, and those that stay."""
    tried = 0
    staying: list[NotReplayed] = []
    async with dead_letter_replay(load_settings(IngestSettings)) as (queue, replayer):
        if ids:
            return len(ids), await replayer.replay([await _find(queue, entry_id) for entry_id in dict.fromkeys(ids)])
        with long_job("dead letters retried", await queue.count()) as display:
            async for page in queue.pages():
                staying += await replayer.replay(page)
                tried += len(page)
                display.advance(tried)
    return tried, staying


async def _find(queue: DeadLetterQueue, entry_id: str) -> DeadLetter:
    dead_letter = await queue.find(entry_id)
    if dead_letter is None:
        raise click.ClickException(f"there is no dead letter {entry_id}: `pulse5299 deadletters list` shows them")
    return dead_letter


def _run(job: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end; what the user can mend becomes one line."""
    try:
        return asyncio.run(job)
    except (PulseError, *REDIS_ERRORS) as error:
        raise click.ClickException(str(error) or type(error).__name__) from error


def _row(dead_letter: DeadLetter) -> list[str]:
    """What COLUMNS name, of one dead letter."""
    event = dead_letter.content
    attributes: dict[str, Any] = event if isinstance(event, dict) else {}
    texts = (
        dead_letter.id,
        dead_letter.received,
        dead_letter.code,
        str(attributes.get("source", "")),
        str(attributes.get("type", "")),
        dead_letter.detail,
        str(dead_letter.times),
    )
    return [_printable(text) for text in texts]


def _printable(text: str) -> str:
    """An event's text may hold line ends and terminal commands: each becomes a replacement character."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _print_json(dead_letters: Iterable[DeadLetter]) -> None:
    objects = (each._asdict() | {"event": each.content} for each in dead_letters)
    click.echo("\n".join(json.dumps(each, ensure_ascii=False, allow_nan=False) for each in objects))


def _print_lines(dead_letters: Iterable[DeadLetter]) -> None:
    click.echo("\n".join("\t".join(_row(each)) for each in dead_letters))


def _print_table(console: Console, dead_letters: Iterable[DeadLetter]) -> None:
    table = Table(*COLUMNS)
    table.columns[0].no_wrap = True
    for each in dead_letters:
        table.add_row(*(Text(text, overflow="fold") for text in _row(each)))
    console.print(table)

"""`pulse5299 feed`: send a file of events, or the events behind a folder of figures, to ingest."""

import asyncio
from pathlib import Path

import click

from services.cli.sender_options import plain_errors, read_key, sending_options
from services.sender.feed import feed_shown
from services.sender.figures_csv import FiguresError
from services.sender.inputs import InputError, open_input


@click.command()
@click.argument("path", type=click.Path(exists=True, readable=True, path_type=Path))
@sending_options
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="Remember it in this file instead.")
def feed(path: Path, url: str, key_file: Path | None, var: Path, state: Path | None) -> None:
    """Send the events of PATH to ingest, each counted once.

    PATH is a file of CloudEvents, one JSON object a line or one JSON array; or a folder like data/notice-434
    with cumulative.csv and units.csv, whose figures are turned into the events behind them.

    An interrupted feed goes on where it was when the same command is given again. Events that ingest rejects
    are listed and written to a .rejected.jsonl file in VAR; the exit code is then 1.
    """
    key = read_key(key_file or var / "dev-key")
    with plain_errors(InputError, FiguresError):
        source = open_input(path)
        state = state or var / f"feed-{source.digest[:16]}.json"
        result = asyncio.run(feed_shown("events fed", source.events(), source.total, url, key, state))
    for item in result.rejected:
        click.echo(f"rejected: event {item.index} (id {item.id}): {item.code}: {item.detail}")
    counts = f"{result.accepted:,} accepted, {len(result.rejected):,} rejected"
    click.echo(f"{result.total:,} events: {counts}; {result.sent:,} sent in this run")
    if result.rejected:
        click.echo(f"the rejected ones are in {result.rejected_path}; to send everything again, delete {state}")
        raise SystemExit(1)

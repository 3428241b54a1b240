"""`pulse5299 feed`: send a file of events, or the events behind a folder of figures, to ingest."""

import asyncio
from pathlib import Path

import click

from services.upstream.feeding import FeedResult, feed_events, store_of
from services.upstream.figures import FiguresError
from services.upstream.inputs import Input, InputError, open_input
from services.upstream.retrying import SendError
from shared.terminal import long_job

INTERRUPTED = 130


@click.command()
@click.argument("path", type=click.Path(exists=True, readable=True, path_type=Path))
@click.option("--url", default="http://127.0.0.1:8001", show_default=True, help="Where ingest answers.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    help="A file with the bearer key of the upstream system. [default: VAR/dev-key]",
)
@click.option(
    "--var",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="The folder that remembers how far each feed is.",
)
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="Remember it in this file.")
def feed(path: Path, url: str, key_file: Path | None, var: Path, state: Path | None) -> None:
    """Send the events of PATH to ingest, each counted once.

    PATH is a file of CloudEvents, one JSON object a line or one JSON array; or a folder like data/notice-434
    with cumulative.csv and units.csv, whose figures are turned into the events behind them.

    An interrupted feed goes on where it was when the same command is given again. Events that ingest rejects
    are listed and written to a .rejected.jsonl file in VAR; the exit code is then 1.
    """
    try:
        key = read_key(key_file or var / "dev-key")
        source = open_input(path)
        result = asyncio.run(_feed(source, url, key, state or var / f"feed-{source.digest[:16]}.json"))
    except (InputError, FiguresError, SendError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("interrupted; give the same command again to go on", err=True)
        raise SystemExit(INTERRUPTED) from None
    _report(result)


def read_key(file: Path) -> str:
    """The bearer key in `file`.

    Raises:
        ClickException: no such file, or nothing in it.
    """
    try:
        key = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"no bearer key in {file}; name its file with --key-file") from error
    if not key:
        raise click.ClickException(f"{file} is empty; it must hold the bearer key of the upstream system")
    return key


async def _feed(source: Input, url: str, key: str, state: Path) -> FeedResult:
    with long_job("events fed", source.total) as display:
        store = await store_of(url, display.say)
        return await feed_events(
            source.events(),
            source.total,
            url,
            key,
            state,
            store,
            lambda progress: display.advance(progress.answered),
            on_wait=display.say,
        )


def _report(result: FeedResult) -> None:
    for item in result.rejected:
        click.echo(f"rejected: event {item.index} (id {item.id}): {item.code}: {item.detail}")
    counts = f"{result.accepted:,} accepted, {len(result.rejected):,} rejected"
    click.echo(f"{result.total:,} events: {counts}; {result.sent:,} sent in this run")
    if result.rejected:
        click.echo(f"the rejected ones are in {result.rejected_path}")
        raise SystemExit(1)

"""`pulse5299 feed`: send a file of events, or the events behind a folder of figures, to ingest.

The options and errors are those of every command that sends.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from services.cli.options import read_key
from services.sender.cumulative_counts import CountsError
from services.sender.feed import feed_shown
from services.sender.inputs import InputError, open_input
from services.sender.retries import SendError
from shared.domain.formatting import Lang
from shared.runtime.messages import translate

INTERRUPTED = 130
"""Exit code of a command that Ctrl-C ended."""

_SENDING_OPTIONS = (
    click.option("--url", default="http://127.0.0.1:8001", show_default=True, help="Where ingest answers."),
    click.option(
        "--key-file",
        type=click.Path(path_type=Path),
        help="A file with the bearer key of the upstream system. [default: VAR/dev-key]",
    ),
    click.option(
        "--var",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("var"),
        show_default=True,
        help="The folder that remembers how far an interrupted run came.",
    ),
)


def sending_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--url`, `--key-file` and `--var`."""
    for option in reversed(_SENDING_OPTIONS):
        command = option(command)
    return command


@contextmanager
def plain_errors(*input_errors: type[Exception], lang: Lang = "en") -> Iterator[None]:
    """Turn what can go wrong with the input, files and sending, and Ctrl-C, into a message and an exit code."""
    expected: tuple[type[Exception], ...] = (*input_errors, SendError, OSError)
    try:
        yield
    except expected as error:
        raise click.ClickException(str(error)) from error
    except (KeyboardInterrupt, click.Abort):
        click.echo(translate(lang, "import.console.interrupted"), err=True)
        raise SystemExit(INTERRUPTED) from None


@click.command()
@click.argument("path", type=click.Path(exists=True, readable=True, allow_dash=True, path_type=Path))
@sending_options
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="Remember it in this file instead.")
def feed(path: Path, url: str, key_file: Path | None, var: Path, state: Path | None) -> None:
    """Send the events of PATH to ingest, each counted once.

    PATH is a file of CloudEvents, one JSON object a line, one JSON array or {"events": [...]}, also as .gz, a pipe
    or - for standard input; or a folder like data/notice-434 with cumulative.csv and units.csv, whose figures are
    turned into the events behind them.

    An interrupted feed goes on where it was when the same command is given again. Events that ingest rejects
    are listed and written to a .rejected.jsonl file in VAR, where they can be corrected and fed; the exit code
    is then 1.
    """
    key = read_key(key_file or var / "dev-key")
    with plain_errors(InputError, CountsError), open_input(path) as source:
        state = state or var / f"feed-{source.digest[:16]}.json"
        result = asyncio.run(feed_shown("events fed", source.events(), source.total, url, key, state))
    for item in result.rejected:
        click.echo(f"rejected: event {item.index} (id {item.id}): {item.code}: {item.detail}")
    counts = f"{result.accepted:,} accepted, {len(result.rejected):,} rejected"
    click.echo(f"{result.total:,} events: {counts}; {result.sent:,} sent in this run")
    if result.rejected:
        click.echo(f"correct the rejected events in {result.rejected_path} and feed that file")
        click.echo(f"why each was rejected: {result.state.reasons_path}; to send everything again, delete {state}")
        raise SystemExit(1)

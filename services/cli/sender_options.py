"""What the commands that send have in common: where to, with which key, and how an error reaches a person."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from services.sender.retries import SendError

INTERRUPTED = 130

_OPTIONS = (
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
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_key(file: Path) -> str:
    """The bearer key in `file`.

    Raises:
        ClickException: no such file, or nothing in it.
    """
    try:
        key = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"no bearer key in {file}: name its file with --key-file") from error
    if not key:
        raise click.ClickException(f"{file} is empty: it must hold the bearer key of the upstream system")
    return key


@contextmanager
def plain_errors(*of_input: type[Exception]) -> Iterator[None]:
    """Turn what can go wrong with the input, files and sending into a message and an exit code."""
    kinds: tuple[type[Exception], ...] = (*of_input, SendError, OSError)
    try:
        yield
    except kinds as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("interrupted: give the same command again to go on", err=True)
        raise SystemExit(INTERRUPTED) from None

"""How a long job shows how far it is: a bar on a terminal, plain lines anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LEAST_WIDTH = 118
"""Columns that the tables need; a file or a pipe takes any width."""


def wide_console() -> Console:
    """A console on standard output that is wide enough for the tables where it is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=max(console.width, LEAST_WIDTH))


@dataclass(frozen=True)
class Display:
    """`advance(done)` tells how many are done so far; `say(line)` prints a line without breaking the bar."""

    advance: Callable[[int], None]
    say: Callable[[str], None]


@contextmanager
def long_job(title: str, total: int) -> Iterator[Display]:
    """Show a job of `total` steps on standard error while the block runs."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield Display(_plain_lines(title, total), lambda line: print(line, file=sys.stderr, flush=True))
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=total)
        yield Display(
            lambda done: progress.update(task, completed=done),
            lambda line: progress.console.print(line, markup=False, highlight=False),
        )


def _plain_lines(title: str, total: int) -> Callable[[int], None]:
    """A line at the first call and then whenever another tenth is done."""
    shown = -1

    def advance(done: int) -> None:
        nonlocal shown
        tenth = 10 * done // total if total else 10
        if tenth > shown:
            shown = tenth
            print(f"{title}: {done:,} of {total:,}", file=sys.stderr, flush=True)

    return advance

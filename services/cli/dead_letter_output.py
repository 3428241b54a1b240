"""How dead letters are shown: a table on a terminal, lines anywhere else, or JSON lines. Pure but for printing."""

import json
from collections.abc import Iterable
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.ingest.dead_letters import DeadLetter

COLUMNS = ("id", "received", "code", "source", "type", "detail")


def row(letter: DeadLetter) -> list[str]:
    """What COLUMNS name, of one letter."""
    event = letter.content
    attributes: dict[str, Any] = event if isinstance(event, dict) else {}
    texts = (
        letter.id,
        letter.received,
        letter.code,
        str(attributes.get("source", "")),
        str(attributes.get("type", "")),
        letter.detail,
    )
    return [_printable(text) for text in texts]


def _printable(text: str) -> str:
    """An event's text may hold line ends and terminal commands; they are shown as what they are not."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def print_json(letters: Iterable[DeadLetter]) -> None:
    """One JSON object a line, the event as an object in it."""
    for letter in letters:
        click.echo(json.dumps(letter._asdict() | {"event": letter.content}, ensure_ascii=False))


def print_plain(letters: Iterable[DeadLetter]) -> None:
    """A line each, columns separated by tabs."""
    for letter in letters:
        click.echo("\t".join(row(letter)))


def print_table(console: Console, letters: Iterable[DeadLetter]) -> None:
    table = Table(*COLUMNS)
    table.columns[0].no_wrap = True
    for letter in letters:
        table.add_row(*(Text(text, overflow="fold") for text in row(letter)))
    console.print(table)

"""`pulse5299 flags`: who lags and who surges, as of a day."""

import datetime as dt

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from services.cli.options import ask_notifier, json_output, notifier_url
from shared.contracts.flags import Flag, count_flags, ranked
from shared.domain.catalogue import PROVINCE
from shared.runtime.terminal import wide_console

DIRECTIONS = {"lag": "▼ lags", "surge": "▲ surges"}

MOST_URGENT = 5
"""Flags that are shown with their sentence in a summary."""


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The state at the first moment of this day; today.")
@json_output
@notifier_url
def flags(as_of: dt.datetime | None, as_json: bool, url: str) -> None:
    """Show the flags that stand, with the sentence that says why.

    A day that was no working day, or has not been evaluated yet, has the flags of the last evaluation before it.
    """
    day = as_of.date() if as_of else None
    answer = ask_notifier(url, lambda notifier: notifier.flags(day))
    if as_json:
        click.echo(answer.model_dump_json(indent=2))
        return
    if answer.evaluated_on is None:
        click.echo(f"Nothing was evaluated in the two months before {answer.as_of}.")
        return
    console = wide_console()
    if answer.flags:
        console.print(_table(answer.flags))
    counts = counts_text(answer.flags) if answer.flags else "No flags"
    late = "; no later working day has been evaluated" if answer.stale else ""
    console.print(f"{counts}; as of {answer.as_of}, evaluated on {answer.evaluated_on}{late}.", highlight=False)


def _table(flags: list[Flag]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Flag", "Unit", "Target", "Severity", "Since"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Why")
    for flag in ranked(flags):
        unit, severity = flag.unit or PROVINCE, f"{flag.verdict.severity:.1f}"
        row = (DIRECTIONS[flag.direction], unit, str(flag.target), severity, str(flag.raised_on), flag.sentence_en)
        table.add_row(*row)
    return table


def flags_text(flags: list[Flag]) -> str:
    """How many flags stand, in one line, and the MOST_URGENT of units."""
    if not flags:
        return "No flags.\n"
    units = [flag for flag in ranked(flags) if flag.unit is not None]
    lines = [f"{DIRECTIONS[flag.direction]:8}  {flag.sentence_en}" for flag in units[:MOST_URGENT]]
    return "\n".join([counts_text(flags), *lines, ""])


def counts_text(flags: list[Flag]) -> str:
    """How many flags there are, of units and to the whole province."""
    counts = count_flags(flags)
    return f"{len(flags)} flags: {counts.lags} lag, {counts.surges} surge, {counts.notices} province-wide"

"""`pulse5299 flags`: who lags and who surges, as of a day."""

import datetime as dt

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from services.cli.options import ask_notifier, json_output, notifier_url
from shared.contracts.flags import Flag
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
    number = len(answer.flags)
    stand = {0: "No flag stands", 1: "1 flag stands"}.get(number, f"{number} flags stand")
    console.print(f"{stand} as of {answer.as_of}, evaluated on {answer.evaluated_on}.", highlight=False)


def _table(flags: list[Flag]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Kind", "Unit", "Target", "Since"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Why")
    for flag in sorted(flags, key=lambda flag: (flag.direction, flag.target, flag.unit or "")):
        unit = flag.unit or "province"
        table.add_row(DIRECTIONS[flag.direction], unit, str(flag.target), str(flag.raised_on), flag.sentence_en)
    return table


def flags_text(flags: list[Flag]) -> str:
    """How many flags stand, in one line, and the MOST_URGENT: lags before surges, the least likely chance first."""
    if not flags:
        return "No flags.\n"
    lags = sum(flag.direction == "lag" for flag in flags)
    counts = f"{len(flags)} flags: {lags} lag, {len(flags) - lags} surge"
    lines = [
        f"{DIRECTIONS[flag.direction]:8}  {flag.sentence_en}" for flag in sorted(flags, key=_urgency)[:MOST_URGENT]
    ]
    return "\n".join([counts, *lines, ""])


def _urgency(flag: Flag) -> tuple[bool, float, int, str]:
    """Ascending; a flag without evidence comes after those of its direction that have some."""
    evidence = flag.verdict.evidence
    return flag.direction != "lag", evidence.q if evidence else 1.0, flag.target, flag.unit or ""

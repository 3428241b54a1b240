"""`python -m benchmarks`: the table of speed, all of it from one run."""

import os

import click
from rich.console import Console
from rich.table import Table

from benchmarks import delay, pipeline, rival, stages
from benchmarks.databases import sqlite
from benchmarks.spreadsheets import spreadsheet
from benchmarks.workload import build

RIVAL_EVENTS = 20_000
QUICK_EVENTS = 50_000
QUICK_RIVAL_EVENTS = 5_000
SHEET_ROWS = 100_000
QUICK_SHEET_ROWS = 10_000
DELAY_SECONDS = 4
SIZES = (10_000, 100_000, 1_150_000)
"""Events of about 9·10³ to 10⁶ entities."""


@click.command()
@click.option("--events", type=click.IntRange(1), help="Events to count; all 225,486 of Notice 434 by default.")
@click.option("--quick", is_flag=True, help="Fewer events, one size: about a minute.")
def main(events: int | None, quick: bool) -> None:
    """Measure the pipeline beside other ways to do the same, and print one table."""
    console = Console()
    table = Table("measured", "result", "remark", title="From HTTP to counted, appendfsync always, two cores")
    workload = build(events or (QUICK_EVENTS if quick else None))
    small = build(QUICK_RIVAL_EVENTS if quick else RIVAL_EVENTS)
    table.add_row("load before", f"{os.getloadavg()[0]:.1f}", "processes that want a core; trust figures below 0.5")
    before, other, after = pipeline.run(workload), rival.run(small), pipeline.run(workload)
    race = min(before, after, key=lambda each: each.rate)
    spent = ", ".join(f"{name} {seconds / race.events * 1e6:.1f}" for name, seconds in race.processor.items())
    table.add_row("this pipeline", f"{race.rate:,.0f} events/s", f"µs of processor per event: {spent}")
    spent = ", ".join(f"{name} {seconds / other.events * 1e6:.0f}" for name, seconds in other.processor.items())
    table.add_row("idiomatic FastStream", f"{other.rate:,.0f} events/s", f"{small.events:,} events; µs: {spent}")
    table.add_row(
        "ratio",
        f"{race.rate / other.rate:.0f} ×",
        "of events per second; the pipeline's slower run, of one before and one after",
    )
    ratio = _processor(other) / _processor(race)
    table.add_row("ratio of processor time", f"{ratio:.0f} ×", "per event, all processes")
    table.add_row("SQLite, no HTTP", f"{sqlite(workload):,.0f} events/s", "synchronous=full, one transaction per batch")
    rows = QUICK_SHEET_ROWS if quick else SHEET_ROWS
    table.add_row("import of a spreadsheet", f"{spreadsheet(rows):,.0f} rows/s", f"{rows:,} rows of CSV, understood")
    found = stages.run(workload)
    floor = 1e6 / found["parse"]
    table.add_row("the floor", f"{floor:,.0f} events/s", "parsing alone, one core")
    table.add_row("share of the floor", f"{race.rate / floor:.0%}", "the pipeline with everything it does")
    for stage, microseconds in found.items():
        table.add_row(f"  {stage}", f"{microseconds:.2f} µs", "processor time per event")
    table.add_row("bytes per event", f"{race.memory['state'] / race.events:.0f}", "states and counts")
    table.add_row("", f"{race.memory['log'] / race.events:.0f}", "the log")
    half = race.rate / 2
    seen = delay.run(build(int(half * DELAY_SECONDS)), half)
    middle, late = seen[len(seen) // 2], seen[int(len(seen) * 0.99)]
    table.add_row(
        "202 to visible",
        f"{middle * 1e3:.0f} ms, {late * 1e3:.0f} ms",
        f"p50, p99 of {len(seen)} at {half:,.0f} events/s",
    )
    if not quick:
        for size in SIZES:
            scaled = build(size)
            again = pipeline.run(scaled)
            state = again.memory["state"] / again.events
            table.add_row(
                f"{scaled.entities:,} entities", f"{again.rate:,.0f} events/s", f"{state:.0f} bytes per event"
            )
    console.print(table)


def _processor(race: pipeline.Race) -> float:
    return sum(race.processor.values()) / race.events


if __name__ == "__main__":
    main()

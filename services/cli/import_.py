"""`pulse5299 import`: send a unit's spreadsheet as events."""

import asyncio
import sys
from itertools import count
from pathlib import Path

import click

from services.cli.feed import plain_errors, read_key, sending_options
from services.sender.client import accepted_by
from services.sender.feed import FeedResult, feed_shown
from services.sender.imports.layout import Mapping, MappingError, read_mapping
from services.sender.imports.plan import Plan, refused_csv, understand
from services.sender.imports.sheets import UnreadableError, read_sheets
from shared.domain.catalogue import Catalogue


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--source", required=True, help="The source the rows come from, as the catalogue names it.")
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="A TOML file that says what the sheets cannot tell by themselves.",
)
@click.option("--yes", is_flag=True, help="Send without asking.")
@sending_options
def import_sheets(
    file: Path, source: str, mapping_file: Path | None, yes: bool, url: str, key_file: Path | None, var: Path
) -> None:
    """Send the rows of FILE, an .xlsx or .csv spreadsheet, as events; importing it again counts nothing twice.

    Columns are known by their headings in Vietnamese or English; what was understood is shown before anything is
    sent. Rows that cannot be sent are written with the problem and its remedy to a .refused.csv file beside FILE,
    which can be corrected and imported in its turn; the exit code is then 1. docs/importing.md tells it all.
    """
    key = read_key(key_file or var / "dev-key")
    with plain_errors(UnreadableError, MappingError):
        mapping = read_mapping(mapping_file) if mapping_file else Mapping()
        sheets = read_sheets(file)
        catalogue = asyncio.run(accepted_by(url))
        _check_source(source, catalogue)
        plan = understand(sheets, mapping, catalogue, source, key)
        _show(plan)
        if plan.events:
            _confirm(plan, yes)
            result = asyncio.run(_send(plan, url, key, var))
            plan.take_back(result.rejected)
            click.echo(f"{result.accepted:,} events accepted")
        _report(plan, file)


def _check_source(source: str, catalogue: Catalogue) -> None:
    if source not in catalogue.source_by_name:
        known = ", ".join(catalogue.source_by_name)
        raise click.ClickException(f"--source {source} is not in the catalogue: use one of {known}")


def _show(plan: Plan) -> None:
    for line in plan.lines():
        click.echo(line)
    if not plan.sheets:
        raise click.ClickException(
            "no sheet was understood: a header row needs at least a column for what is counted and one for its date, "
            "such as “Mã tài khoản” and “Ngày mở”; docs/importing.md lists the headings"
        )


def _confirm(plan: Plan, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.ClickException("nothing was sent: look over what was understood and give --yes")
    click.confirm(f"Send {len(plan.events):,} events?", abort=True)


async def _send(plan: Plan, url: str, key: str, var: Path) -> FeedResult:
    """Send all of it; only an unfinished run is remembered, so that a repeated import asks ingest anew."""
    events = plan.events
    state = var / f"import-{plan.digest()[:16]}.json"
    result = await feed_shown("events sent", events, len(events), url, key, state)
    result.state.forget()
    return result


def _report(plan: Plan, file: Path) -> None:
    for sheet in plan.sheets:
        if sheet.refused:
            refused = _refused_file(file, sheet.sheet.name)
            refused.write_text(refused_csv(sheet), encoding="utf-8-sig", newline="")  # with the mark Excel looks for
            click.echo(f"{len(sheet.refused):,} rows of “{sheet.sheet.name}” refused: correct and import {refused}")
    if plan.unclear or any(sheet.refused for sheet in plan.sheets):
        raise SystemExit(1)


def _refused_file(file: Path, sheet: str) -> Path:
    """A name beside `file` that no file has yet: somebody may be correcting the one of an earlier run."""
    stem = file.stem.partition(".refused")[0]
    if file.suffix.casefold() != ".csv":
        stem += f".{sheet}"
    names = (f"{stem}.refused{'' if number == 1 else f'-{number}'}.csv" for number in count(1))
    return next(path for path in map(file.with_name, names) if not path.exists())

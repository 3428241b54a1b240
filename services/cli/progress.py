"""`pulse5299 progress`: how far every unit is, as of a day."""

import datetime as dt
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from services.cli.http import ask_metrics
from services.cli.options import catalogue_folder, json_output, metrics_url
from services.cli.summary import targets_table
from shared.contracts.metrics import Progress
from shared.domain.catalogue import PROVINCE, Catalogue, CatalogueError, load_catalogue
from shared.domain.formatting import half_up
from shared.runtime.terminal import wide_console


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The state at the first moment of this day; today.")
@click.option("--unit", help="The code of one unit; without it the province, and every unit's attainment.")
@json_output
@metrics_url
@catalogue_folder
def progress(as_of: dt.datetime | None, unit: str | None, as_json: bool, url: str, folder: Path) -> None:
    """Show how far the seven targets are, compared with their goals and with the months before."""
    try:
        catalogue = load_catalogue(folder)
    except CatalogueError as error:
        raise click.ClickException(str(error)) from error
    if unit not in (None, PROVINCE, *catalogue.unit_by_code):
        raise click.UsageError(f"--unit: {unit!r} is none of {', '.join(catalogue.unit_by_code)}")
    day = as_of.date() if as_of else None
    if unit is not None and unit in catalogue.unit_by_code:
        answer = ask_metrics(url, lambda metrics: metrics.unit_progress(unit, day))
    else:
        answer = ask_metrics(url, lambda metrics: metrics.progress(day))
    if as_json:
        click.echo(answer.model_dump_json(indent=2))
        return
    console = wide_console()
    console.print(targets_table(catalogue, answer, unit or PROVINCE))
    if unit is None:
        console.print(_attainments(catalogue, answer))


def _attainments(catalogue: Catalogue, progress: Progress) -> Table:
    table = Table(title="Attainment by unit", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Unit", no_wrap=True)
    for target in catalogue.targets:
        table.add_column(str(target.number), justify="right", no_wrap=True)
    rows = {(row.unit, row.target): row.attainment for row in progress.rows}
    for unit in catalogue.units_on(progress.as_of):
        shares = [rows.get((unit.code, target.number)) for target in catalogue.targets]
        table.add_row(unit.name_en, *("none" if share is None else f"{half_up(share * 100, 1)} %" for share in shares))
    return table

"""`pulse5299 progress`: how far every unit is, as of a day."""

import datetime as dt
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from services.cli.options import ask_metrics, catalogue_folder, json_output, metrics_url
from shared.contracts.metrics import Progress, ProgressRow
from shared.domain.catalogue import PROVINCE, Catalogue, CatalogueError, Target, load_catalogue
from shared.domain.formatting import format_percent, half_up
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
        table.add_row(unit.name_en, *(_percent(share) for share in shares))
    return table


def targets_table(catalogue: Catalogue, progress: Progress, unit: str = PROVINCE) -> Table:
    """The targets of the province, or of one unit, as of the progress's day."""
    name = catalogue.project.name_en if unit == PROVINCE else catalogue.unit_by_code[unit].name_en
    title = f"{name} as of {progress.as_of:%d/%m/%Y}, compared with {progress.previous:%d/%m/%Y}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Target", no_wrap=True)
    for heading in ("Achieved", "Goal", "Attainment", "Increase", "Before", "Growth"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in progress.rows:
        if row.unit == unit:
            table.add_row(*_target_columns(catalogue.target_by_number[row.target], row))
    return table


def _target_columns(target: Target, row: ProgressRow) -> tuple[str, ...]:
    name = f"{target.number} {target.short_en or target.name_en}"
    growth = _percent(row.growth, none="new")
    if target.is_ratio:
        achieved = f"{row.numerator or 0:,}/{row.denominator or 0:,} = {_percent(row.achieved)}"
        change = (_points(row.increase), _points(row.previous_increase))
        return name, achieved, _percent(row.goal), _percent(row.attainment), *change, growth
    goal = "none" if row.goal is None else f"{row.goal:,}"
    change = (f"{row.increase:+,}", f"{row.previous_increase:+,}")
    return name, f"{row.achieved:,}", goal, _percent(row.attainment), *change, growth


def _percent(value: float | None, none: str = "none") -> str:
    return none if value is None else format_percent(value, "en", space=" ")


def _points(value: float | None) -> str:
    return "new" if value is None else f"{half_up(value * 100, 1):+} pt"

"""`pulse5299 backtest`: reads a CSV of daily figures, and says who would have been written to on past days."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import click
from pydantic import BaseModel, BeforeValidator
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from services.cli.options import catalogue_folder
from services.notifier.detection.detector import Detector
from services.notifier.detection.lifecycle import DetectorState
from services.notifier.detection.series import DetectorHistory, Row
from shared.contracts.flags import Flag
from shared.domain.calendar import Calendar, CalendarError, load_calendar
from shared.domain.catalogue import PROVINCE, Catalogue, CatalogueError, Target, load_catalogue
from shared.domain.csv_rows import CsvError, Day, WholeNumber, read_csv, whole_number
from shared.domain.formatting import format_percent
from shared.runtime.settings import ROOT


def _unit(text: str | None) -> str:
    if not (code := (text or "").strip()):
        raise ValueError("empty; write the unit's code")
    return code


class _DailyFigure(BaseModel):
    date: Day
    unit: Annotated[str, BeforeValidator(_unit)]
    target: WholeNumber
    count: WholeNumber
    denominator: str = ""


def read_rows(lines: Iterable[str], targets: Mapping[int, Target]) -> list[Row]:
    """All rows; days may come in any order, and days with nothing may be left out.

    The denominator of a ratio of flows stands in its own column. That of a ratio of stocks may be left out;
    it is then what the count targets made of the same measures add up to.

    Raises:
        CsvError: a column is missing, a value cannot be read, or two rows speak of the same thing.
    """
    rows: list[Row] = []
    line_of: dict[tuple[dt.date, str, int], int] = {}
    for line, figure in read_csv(lines, _DailyFigure):
        row = _row(figure, line, targets)
        key = row.day, row.unit, row.target
        if key in line_of:
            raise CsvError(
                f"line {line}: {row.day}, {row.unit}, target {row.target} is already on line "
                f"{line_of[key]}; keep one row per day, unit and target"
            )
        line_of[key] = line
        rows.append(row)
    if not rows:
        raise CsvError("line 2: no figures follow the header; export at least 40 days of daily figures")
    return rows + _stock_denominators(rows, targets)


def _row(figure: _DailyFigure, line: int, targets: Mapping[int, Target]) -> Row:
    target = targets.get(figure.target)
    if target is None:
        known = ", ".join(map(str, sorted(targets)))
        raise CsvError(f"line {line}, column target: {figure.target} is not in the catalogue; it has {known}")
    text = figure.denominator.strip()
    if target.parts == "flows" and figure.count and not text:
        raise CsvError(
            f"line {line}, column denominator: empty; target {figure.target} divides, so write what it divides by"
        )
    try:
        denominator = whole_number(text) if text and target.is_ratio else 0
    except ValueError as error:
        raise CsvError(f"line {line}, column denominator: {error}") from error
    return Row(figure.date, figure.unit, figure.target, figure.count, denominator)


def _stock_denominators(rows: list[Row], targets: Mapping[int, Target]) -> list[Row]:
    """Rows that add the denominators of ratios of stocks, where the file gives none."""
    given = {row.target for row in rows if row.denominator}
    added = []
    for number, target in targets.items():
        if target.parts != "stocks" or number in given:
            continue
        whole = set(target.denominator)
        parts = {n for n, one in targets.items() if one.measures and set(one.measures) <= whole}
        measures = {name for n in parts for name in targets[n].measures}
        if measures == whole and any(row.target == number for row in rows):
            added += [Row(row.day, row.unit, number, 0, row.numerator) for row in rows if row.target in parts]
    return added


def replay(
    history: DetectorHistory, catalogue: Catalogue, calendar: Calendar, since: dt.date, until: dt.date
) -> Iterator[tuple[dt.date, list[Flag]]]:
    """The runs of every working day from `since` to `until`, each with the flags it raises.

    Each run sees the days before it alone. Runs stop on the first working day after the history ends.
    """
    detector = Detector(history, catalogue, calendar)
    until = min(until, calendar.next_working_day(history.last))
    state = DetectorState()
    for day in calendar.working_days(since, until):
        evaluation = detector.evaluate(day, state)
        state = evaluation.state
        yield day, evaluation.raised


@click.command()
@click.option(
    "--history",
    "file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV with the columns date,unit,target,count[,denominator].",
)
@click.option("--from", "since", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day of runs.")
@click.option("--to", "until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last day of runs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per alert and line, nothing else.")
@catalogue_folder
@click.option(
    "--calendar",
    "holidays",
    type=click.Path(path_type=Path),
    default=ROOT / "deploy" / "calendar" / "holidays.toml",
    envvar="PULSE_CALENDAR",
    show_default=True,
    help="The holidays file.",
)
def command(file: Path, since: dt.datetime, until: dt.datetime, as_json: bool, folder: Path, holidays: Path) -> None:
    """Show who would have been flagged on past days.

    Runs the detector once per working day from --from to --to as it would have run then, on the figures of
    the days before alone, and prints every alert on the day it is raised. A notice to the whole province
    has no unit. Goals are not looked at, since the file does not say what was there before it.

    A unit needs 40 days of figures before the first run that can say something: 10 to test, 30 to compare
    with.
    """
    if since > until:
        raise click.UsageError(f"--from {since:%Y-%m-%d} comes after --to {until:%Y-%m-%d}; swap them")
    try:
        catalogue = without_goals(load_catalogue(folder))
        calendar = load_calendar(holidays)
        with file.open(encoding="utf-8-sig", newline="") as lines:
            history = DetectorHistory.from_rows(read_rows(lines, catalogue.target_by_number))
        flags = _run(history, catalogue, calendar, since.date(), until.date(), as_json)
    except (CsvError, CatalogueError, CalendarError) as error:
        raise click.ClickException(str(error)) from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name} is not UTF-8: save it as CSV in UTF-8") from error
    if not as_json:
        Console().print(_table(flags))


def without_goals(catalogue: Catalogue) -> Catalogue:
    """The catalogue with no goal set, so that no unit is ever saturated and no goal's change is a beginning."""
    return catalogue.with_targets(target.model_copy(update={"goals": {}}) for target in catalogue.targets)


def _run(
    history: DetectorHistory, catalogue: Catalogue, calendar: Calendar, since: dt.date, until: dt.date, as_json: bool
) -> list[Flag]:
    console = Console(stderr=True)
    if until > calendar.next_working_day(history.last):
        console.print(f"The history ends on {history.last}; runs stop on the working day after it.")
    total = sum(1 for _ in calendar.working_days(since, until))
    flags: list[Flag] = []
    month = None
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Backtest", total=total)
        for day, raised in replay(history, catalogue, calendar, since, until):
            if not console.is_terminal and month != (month := f"{day:%Y-%m}"):
                console.print(f"Backtest {month}", highlight=False)
            for flag in raised if as_json else []:
                click.echo(json.dumps(alert(flag), ensure_ascii=False))
            flags += raised
            progress.advance(task)
    return flags


def alert(flag: Flag) -> dict[str, object]:
    """One alert as printed: when, who, what, and the numbers behind it."""
    numbers = flag.verdict.model_dump(mode="json", include={"evidence", "gate"})
    return {
        "date": flag.raised_on.isoformat(),
        "unit": flag.unit,
        "target": flag.target,
        "kind": flag.direction,
        "sentence_vi": flag.sentence_vi,
        "sentence_en": flag.sentence_en,
        **numbers,
    }


def _table(flags: list[Flag]) -> Table:
    table = Table(title=f"{len(flags)} alerts")
    for name in ("date", "unit", "target", "kind", "change", "why"):
        table.add_column(name, justify="right" if name in ("target", "change") else "left")
    for flag in flags:
        ratio = flag.verdict.gate.ratio if flag.verdict.gate else None
        change = "new" if ratio is None else format_percent(ratio - 1, "en", 0, signed=True, space="")
        unit = flag.unit or PROVINCE
        table.add_row(str(flag.raised_on), unit, str(flag.target), flag.direction, change, flag.sentence_en)
    return table

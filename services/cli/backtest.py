"""`pulse5299 backtest`: reads a CSV of daily figures, and says who would have been written to on past days."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from services.cli.daily_rows import read_arrivals, read_rows
from services.cli.options import catalogue_folder
from services.notifier.detection.arrivals import (
    LEARNED_RUN_DAYS,
    Arrival,
    Known,
    KnownHistory,
    known_on,
    learned_shares,
)
from services.notifier.detection.detector import Detector
from services.notifier.detection.lifecycle import DetectorState
from services.notifier.detection.series import DetectorHistory
from services.notifier.detection.tracker import RatesByMonth
from shared.contracts.flags import Flag
from shared.domain.calendar import Calendar, CalendarError, load_calendar
from shared.domain.catalogue import PROVINCE, Catalogue, CatalogueError, load_catalogue
from shared.domain.clock import ONE_DAY
from shared.domain.csv_rows import CsvError
from shared.domain.formatting import format_percent
from shared.runtime.settings import ROOT


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


def replay_as_known(
    arrivals: Sequence[Arrival],
    catalogue: Catalogue,
    calendar: Calendar,
    since: dt.date,
    until: dt.date,
    *,
    learning: bool = True,
) -> Iterator[tuple[dt.date, list[Flag]]]:
    """The same, each run seeing only what had been received before its day, and learning how figures arrive.

    The days before the first run are learned from too, as if the notifier had been there. `learning` is False in
    the benchmark that shows what it is worth.
    """
    known = KnownHistory(arrivals)
    state, known_by_run, rates = DetectorState(), dict[dt.date, Known](), RatesByMonth()
    for day in calendar.working_days(
        max(since - dt.timedelta(days=LEARNED_RUN_DAYS), known.first + ONE_DAY), since - ONE_DAY
    ):
        known_by_run[day] = known_on(known.before(day), day)
    for day in calendar.working_days(since, until):
        history = known.before(day)
        shares = learned_shares(known_by_run, history, day) if learning else {}
        evaluation = Detector(history, catalogue, calendar, rates=rates).evaluate(day, state, shares)
        known_by_run[day] = known_on(history, day)
        state = evaluation.state
        yield day, evaluation.raised


@click.command()
@click.option(
    "--history",
    "file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV with the columns date,unit,target,count[,denominator][,received].",
)
@click.option("--as-known", is_flag=True, help="Each run sees only what was received before it (column received).")
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
def command(
    file: Path,
    as_known: bool,
    since: dt.datetime,
    until: dt.datetime,
    as_json: bool,
    folder: Path,
    holidays: Path,
) -> None:
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
            if as_known:
                arrivals = read_arrivals(lines, catalogue.target_by_number)
                last, runs = max(each.row.day for each in arrivals), partial(replay_as_known, arrivals)
            else:
                history = DetectorHistory.from_rows(read_rows(lines, catalogue.target_by_number))
                last, runs = history.last, partial(replay, history)
        flags = _run(runs, last, catalogue, calendar, since.date(), until.date(), as_json)
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
    runs: Callable[..., Iterator[tuple[dt.date, list[Flag]]]],
    last: dt.date,
    catalogue: Catalogue,
    calendar: Calendar,
    since: dt.date,
    until: dt.date,
    as_json: bool,
) -> list[Flag]:
    console = Console(stderr=True)
    if until > calendar.next_working_day(last):
        console.print(f"The history ends on {last}; runs stop on the working day after it.")
        until = calendar.next_working_day(last)
    total = sum(1 for _ in calendar.working_days(since, until))
    flags: list[Flag] = []
    month = None
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Backtest", total=total)
        for day, raised in runs(catalogue, calendar, since, until):
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

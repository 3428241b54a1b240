"""`python -m benchmarks.detection`: the method beside the plain rule, on simulated provinces."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.plain_rule import plain_alerts
from benchmarks.scoring import MANY_BEFORE, Raised, Score
from benchmarks.simulator import Province, Setting, simulate
from services.cli.backtest import replay, without_goals
from shared.domain.calendar import Calendar, load_calendar
from shared.domain.catalogue import Catalogue, load_catalogue

DEFAULT = Setting()
SETTINGS = (
    DEFAULT,
    replace(DEFAULT, name="no campaigns", campaigns=0, province_campaigns=0),
    replace(DEFAULT, name="double drift", drift=2 * DEFAULT.drift),
    replace(DEFAULT, name="30 days of history", lead_days=30),
    replace(DEFAULT, name="province-wide cut", province_cut=0.5),
    replace(DEFAULT, name="nothing changes", changed_share=0),
)


@click.command()
@click.option("--provinces", default=4, show_default=True, help="Provinces per setting, six months each.")
@click.option("--seed", default=1, show_default=True, help="The first province's seed.")
@click.option("--setting", "only", help="One setting alone, by its name.")
def main(provinces: int, seed: int, only: str | None) -> None:
    """Print false alerts, recall and days to detection for each setting."""
    calendar = load_calendar(Path("deploy/calendar/holidays.toml"))
    catalogue = without_goals(load_catalogue(Path("deploy/catalogue")))
    settings = [one for one in SETTINGS if only in (None, one.name)]
    if not settings:
        raise click.UsageError(f"no setting {only!r}; there are {', '.join(one.name for one in SETTINGS)}")
    table = _table(provinces)
    console = Console(width=150)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Provinces", total=len(settings) * provinces)
        for setting in settings:
            method, plain = Score(), Score()
            for number in range(seed, seed + provinces):
                province = simulate(setting, calendar, number)
                method.add(province, setting, method_alerts(province, catalogue, calendar))
                plain.add(province, setting, plain_alerts(province, calendar))
                progress.advance(task)
            table.add_row(setting.name, "method", *_columns(method))
            table.add_row("", "plain rule", *_columns(plain), end_section=True)
    console.print(table)


def method_alerts(province: Province, catalogue: Catalogue, calendar: Calendar) -> Iterator[Raised]:
    """The detector's alerts over the judged days."""
    runs = replay(province.history, catalogue, calendar, province.judged_from, province.judged_until)
    for day, flags in runs:
        for flag in flags:
            yield Raised(day, flag.unit, flag.target, flag.direction)


def _table(provinces: int) -> Table:
    table = Table(title=f"Known changes found, {provinces} provinces of six months per setting")
    for name in ("setting", "rule"):
        table.add_column(name, no_wrap=True)
    for name in (
        "false / unit-month",
        "recall, 20+ before",
        "lags",
        "surges",
        "lags 20-59",
        "lags 60+",
        "surges 20-59",
        "surges 60+",
        "days to find",
        "untouched flagged",
        "province notices",
    ):
        table.add_column(name, justify="right")
    return table


def _columns(score: Score) -> list[str]:
    recalls = [
        score.recall(),
        score.recall("lag"),
        score.recall("surge"),
        score.recall("lag", most=MANY_BEFORE),
        score.recall("lag", least=MANY_BEFORE),
        score.recall("surge", most=MANY_BEFORE),
        score.recall("surge", least=MANY_BEFORE),
    ]
    days = score.mean_days()
    return [
        f"{score.false / score.unit_months:.2f}",
        *("-" if one is None else f"{one:.2f}" for one in recalls),
        "-" if days is None else f"{days:.0f}",
        f"{score.untouched_flagged / score.untouched:.2f}",
        str(score.notices),
    ]


if __name__ == "__main__":
    main()

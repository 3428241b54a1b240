"""`python -m benchmarks.detection`: the method beside the plain rule, on simulated provinces."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.equal_alerts import scored_at_equal
from benchmarks.plain_rule import plain_alerts
from benchmarks.references import bound, farrington, likelihood_ratio, panel_of
from benchmarks.scoring import Raised, Score, interval, joined
from benchmarks.simulator import Province, Setting, arrivals, simulate, units
from services.cli.backtest import replay, replay_as_known, without_goals
from shared.contracts.flags import Flag
from shared.domain.calendar import Calendar, load_calendar
from shared.domain.catalogue import Catalogue, load_catalogue

DEFAULT = Setting()
SETTINGS = (
    DEFAULT,
    replace(DEFAULT, name="no campaigns", campaigns=0, province_campaigns=0),
    replace(DEFAULT, name="double drift", drift=2 * DEFAULT.drift),
    replace(DEFAULT, name="rough", dispersion=1.0, drift=0.2, campaigns=0.5),
    replace(DEFAULT, name="30 days of history", lead_days=30),
    replace(DEFAULT, name="province-wide cut", province_cut=0.5),
    replace(DEFAULT, name="province-wide surge", province_cut=2.0),
    replace(DEFAULT, name="nothing changes", changed_share=0),
    replace(DEFAULT, name="Tet slack", first=dt.date(2023, 8, 1), tet_slack=0.5),
    replace(DEFAULT, name="a third 7 days late", late_units=6, mean_delay=7.0),
    replace(DEFAULT, name="a third 14 days late", late_units=6, mean_delay=14.0),
    replace(DEFAULT, name="all 7 days late", late_units=DEFAULT.units, mean_delay=7.0),
    replace(DEFAULT, name="all 14 days late", late_units=DEFAULT.units, mean_delay=14.0),
    replace(DEFAULT, name="a third every 3 weeks", lump_units=6),
    replace(DEFAULT, name="a third twice a month", lump_units=6, lump_days=0, lumps_a_month=2),
    replace(DEFAULT, name="a third at month's end", lump_units=6, lump_days=0),
)


@click.command()
@click.option("--provinces", default=4, show_default=True, help="Provinces per setting, six months each.")
@click.option("--seed", default=1, show_default=True, help="The first province's seed.")
@click.option("--setting", "only", help="One setting alone, by its name.")
@click.option("--references", is_flag=True, help="Beside it the field's methods and the bound, at equal false alerts.")
def main(provinces: int, seed: int, only: str | None, references: bool) -> None:
    """Print false alerts, recall and days to detection for each setting, with 95 % intervals over provinces.

    Where units report late, every run sees what had arrived, and those units and the others are judged apart; "not
    learned" is the detector without knowledge of how figures arrive. The thresholds of --references are chosen on the
    very provinces they are judged on, which favours them.
    """
    calendar = load_calendar(Path("deploy/calendar/holidays.toml"))
    catalogue = without_goals(load_catalogue(Path("deploy/catalogue")))
    settings = [one for one in SETTINGS if only in (None, one.name)]
    if not settings:
        raise click.UsageError(f"no setting {only!r}; there are {', '.join(one.name for one in SETTINGS)}")
    table = _table(provinces)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Provinces", total=len(settings) * provinces)
        for setting in settings:
            scores: dict[str, list[Score]] = {}
            simulated: list[Province] = []
            for number in range(seed, seed + provinces):
                province = simulate(setting, calendar, number)
                for rule, score in judged(province, setting, catalogue, calendar, number):
                    scores.setdefault(rule, []).append(score)
                simulated.append(province)
                progress.advance(task)
            if references and not setting.late_units and not setting.lump_units:
                scores |= at_equal_false_alerts(setting, simulated, calendar, joined(scores["method"]))
            for rule, per_province in scores.items():
                table.add_row(setting.name, rule, *_columns(per_province), end_section=rule == list(scores)[-1])
    Console(width=150).print(table)


def judged(
    province: Province, setting: Setting, catalogue: Catalogue, calendar: Calendar, seed: int
) -> Iterator[tuple[str, Score]]:
    """Every rule, and group of units where some report late, with its score on one province."""
    if not setting.late_units:
        runs = replay(province.history, catalogue, calendar, province.judged_from, province.judged_until)
        in_lumps = units(setting.lump_units)
        groups = {"": None} if not in_lumps else {", in lumps": in_lumps, ", others": every_unit(province) - in_lumps}
        for rule, of_rule in (("method", raised(runs)), ("plain rule", plain_alerts(province, calendar))):
            alerts = list(of_rule)
            for group, members in groups.items():
                score = Score()
                score.add(province, setting, alerts, members)
                yield rule + group, score
        return
    late = units(setting.late_units)
    others = every_unit(province) - late
    received = arrivals(province, setting, seed)
    for name, learning in (("", True), (", not learned", False)):
        runs = replay_as_known(
            received, catalogue, calendar, province.judged_from, province.judged_until, learning=learning
        )
        alerts = list(raised(runs))
        for group, members in {"late units": late, "other units": others}.items():
            if members:
                score = Score()
                score.add(province, setting, alerts, members)
                yield group + name, score


def at_equal_false_alerts(
    setting: Setting, provinces: list[Province], calendar: Calendar, method: Score
) -> dict[str, list[Score]]:
    """The references' scores at as many false alerts as the method raised."""
    panels = [panel_of(province, calendar) for province in provinces]
    false = method.false / method.unit_months
    scores = {
        "Farrington, no trend": [farrington(panel) for panel in panels],
        "likelihood ratio": [likelihood_ratio(panel) for panel in panels],
        "bound": [bound(panel, setting) for panel in panels],
    }
    return {name: scored_at_equal(setting, provinces, panels, each, false) for name, each in scores.items()}


def every_unit(province: Province) -> set[str]:
    return {unit for unit, _ in province.history.counts}


def raised(runs: Iterable[tuple[dt.date, list[Flag]]]) -> Iterator[Raised]:
    """The alerts of runs."""
    for day, flags in runs:
        for flag in flags:
            yield Raised(day, flag.unit, flag.target, flag.direction)


def _table(provinces: int) -> Table:
    table = Table(title=f"Known changes found, {provinces} provinces of six months per setting, 95 % intervals")
    for name in ("setting", "rule"):
        table.add_column(name, no_wrap=True)
    for name in (
        "false / unit-month",
        "of them lags",
        "recall, 20+ before",
        "lags",
        "surges",
        "days to find",
        "untouched flagged",
        "province notices",
    ):
        table.add_column(name, justify="right")
    return table


def _columns(scores: list[Score]) -> list[str]:
    whole = joined(scores)
    days = whole.mean_days()
    return [
        _measured(scores, lambda score: score.false / score.unit_months),
        f"{whole.false_lags / whole.unit_months:.2f}",
        _measured(scores, lambda score: score.recall()),
        _measured(scores, lambda score: score.recall("lag")),
        _measured(scores, lambda score: score.recall("surge")),
        "-" if days is None else f"{days:.0f}",
        f"{whole.untouched_flagged / whole.untouched:.2f}",
        str(whole.notices),
    ]


def _measured(scores: list[Score], measure: Callable[[Score], float | None]) -> str:
    value, bounds = measure(joined(scores)), interval(scores, measure)
    if value is None or bounds is None:
        return "-"
    return f"{value:.2f} [{bounds[0]:.2f}, {bounds[1]:.2f}]"


if __name__ == "__main__":
    main()

"""What the launcher shows once the system runs: the seven targets, and the addresses to open."""

import datetime as dt

from rich.box import SIMPLE_HEAD
from rich.table import Table

from services.local.state_dir import LocalSettings, StateDir
from shared.contracts.flags import Flag
from shared.contracts.metrics import Progress, ProgressRow
from shared.domain.catalogue import PROVINCE, Catalogue, Target
from shared.domain.formatting import half_up

MOST_URGENT = 5
"""Flags that are shown with their sentence."""


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
            table.add_row(*_cells(catalogue.target_by_number[row.target], row))
    return table


def _cells(target: Target, row: ProgressRow) -> tuple[str, ...]:
    name = f"{target.number} {target.short_en or target.name_en}"
    growth = "new" if row.growth is None else f"{half_up(row.growth * 100, 1)} %"
    if target.is_ratio:
        achieved = f"{row.numerator or 0:,}/{row.denominator or 0:,} = {_percent(row.achieved)}"
        change = (_points(row.increase), _points(row.previous_increase))
        return name, achieved, _percent(row.goal), _percent(row.attainment), *change, growth
    goal = "none" if row.goal is None else f"{row.goal:,}"
    change = (f"{row.increase:+,}", f"{row.previous_increase:+,}")
    return name, f"{row.achieved:,}", goal, _percent(row.attainment), *change, growth


def flags_text(flags: list[Flag]) -> str:
    """How many flags stand, in one line, and the MOST_URGENT: lags before surges, the least likely chance first."""
    if not flags:
        return "No flags.\n"
    lags = sum(flag.direction == "lag" for flag in flags)
    counts = f"{len(flags)} flags: {lags} lag, {len(flags) - lags} surge"
    prefixes = {"lag": "▼ lags ", "surge": "▲ surges"}
    lines = [f"{prefixes[flag.direction]}  {flag.sentence_en}" for flag in sorted(flags, key=_urgency)[:MOST_URGENT]]
    return "\n".join([counts, *lines, ""])


def _urgency(flag: Flag) -> tuple[bool, float, int, str]:
    """Ascending; a flag without evidence comes after those of its direction that have some."""
    evidence = flag.verdict.evidence
    return flag.direction != "lag", evidence.q if evidence else 1.0, flag.target, flag.unit or ""


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{half_up(value * 100, 1)} %"


def _points(value: float | None) -> str:
    return "new" if value is None else f"{half_up(value * 100, 1):+} pt"


def addresses(settings: LocalSettings, place: StateDir, as_of: dt.date) -> str:
    """Where to look next."""
    metrics = f"http://127.0.0.1:{settings.metrics_port}"
    return "\n".join(
        (
            f"Board      http://127.0.0.1:{settings.board_port}/?as_of={as_of}",
            f"Figures    {metrics}/v1/progress?as_of={as_of}   {metrics}/docs",
            f"Events     http://127.0.0.1:{settings.ingest_port}/v1/events   (bearer key: {place.key})",
            f"Prometheus {metrics}/metrics   http://127.0.0.1:{settings.ingest_port}/metrics",
            f"Mail       {place.mail}   Logs {place.logs}",
        )
    )

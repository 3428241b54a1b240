"""A metrics process whose clock is a file: `main(["metrics"])` reads the moment in CLOCK_FILE whenever it is asked."""

import datetime as dt
import os
from functools import partial
from pathlib import Path

import services.metrics.months.closing
from services.cli.services import run_service
from services.metrics.app import serve
from services.metrics.settings import MetricsSettings

PAUSE = 0.01
"""Seconds between two looks of its schedule."""


def clock() -> dt.datetime:
    return dt.datetime.fromisoformat(Path(os.environ["CLOCK_FILE"]).read_text())


def main(command: list[str]) -> None:
    assert command == ["metrics"]
    vars(services.metrics.months.closing)["PAUSE"] = PAUSE
    run_service("metrics", MetricsSettings, partial(serve, clock=clock))

"""A metrics process whose clock is a file: `main(["metrics"])` reads the moment in CLOCK_FILE whenever it is asked."""

import datetime as dt
import os
from pathlib import Path

import services.metrics.months.closing
from services.cli.services import run_service
from services.metrics.app import build
from services.metrics.settings import MetricsSettings
from shared.runtime.server import listen, serve_with

PAUSE = 0.01
"""Seconds between two looks of its schedule."""


def clock() -> dt.datetime:
    return dt.datetime.fromisoformat(Path(os.environ["CLOCK_FILE"]).read_text())


async def serve(settings: MetricsSettings) -> None:
    parts = build(settings, clock)
    with listen(settings.host, settings.metrics_port, "PULSE_METRICS_PORT") as bound:
        await serve_with(parts.api, bound, parts.runner.run())


def main(command: list[str]) -> None:
    assert command == ["metrics"]
    vars(services.metrics.months.closing)["PAUSE"] = PAUSE
    run_service("metrics", MetricsSettings, serve)

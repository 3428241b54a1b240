"""The console with the clock of the tests: a service it starts, itself or through the launcher, shows PULSE_TEST_NOW.

python -m tests.support.pulse5299 COMMAND ...
"""

import importlib
import sys
from functools import partial

from tests.support.clock import process_clock

SERVICES = ("ingest", "metrics", "notifier", "board")


def main(command: list[str]) -> None:
    """Run `pulse5299 COMMAND ...`."""
    if command[0] in SERVICES:
        run(command[0])
    else:
        processes = importlib.import_module("services.local.processes")
        vars(processes)["CONSOLE"] = (sys.executable, "-m", "tests.support.pulse5299")
        importlib.import_module("services.cli.main").main(command)


def run(name: str) -> None:
    app = importlib.import_module(f"services.{name}.app")
    settings = getattr(importlib.import_module(f"services.{name}.settings"), f"{name.title()}Settings")
    importlib.import_module("services.cli.services").run_service(
        name, settings, partial(app.serve, clock=process_clock())
    )


if __name__ == "__main__":
    main(sys.argv[1:])

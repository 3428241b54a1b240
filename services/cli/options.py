"""Options that console commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from shared.runtime.settings import ROOT

notifier_url: Callable[[Any], Any] = click.option(
    "--url",
    default="http://127.0.0.1:8003",
    show_default=True,
    envvar="PULSE_NOTIFIER_URL",
    help="Where the notifier answers.",
)

metrics_url: Callable[[Any], Any] = click.option(
    "--url",
    default="http://127.0.0.1:8002",
    show_default=True,
    envvar="PULSE_METRICS_URL",
    help="Where metrics answers.",
)

json_output: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="The API's answer as it is.")

catalogue_folder: Callable[[Any], Any] = click.option(
    "--catalogue",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="PULSE_CATALOGUE",
    default=ROOT / "deploy" / "catalogue",
    show_default=True,
    help="The folder of the catalogue.",
)

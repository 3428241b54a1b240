"""Options that the notifier's console commands share."""

from collections.abc import Callable
from typing import Any

import click

notifier_url: Callable[[Any], Any] = click.option(
    "--url",
    default="http://127.0.0.1:8003",
    show_default=True,
    envvar="PULSE_NOTIFIER_URL",
    help="Where the notifier answers.",
)

json_output: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="The API's answer as it is.")

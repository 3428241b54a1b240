"""The console script `pulse5299`. A command's module is imported only when the command is called."""

import importlib
from typing import Any

import click

COMMANDS: dict[str, str] = {
    "run": "services.local.command:run",
    "ingest": "services.commands:ingest",
    "metrics": "services.commands:metrics",
    "notifier": "services.commands:notifier",
    "rebuild": "services.metrics.rebuild_command:rebuild",
    "feed": "services.upstream.feed:feed",
    "import": "services.upstream.imports.command:import_sheets",
    "deadletters": "services.ingest.deadletters_command:deadletters",
    "progress": "services.progress_command:progress",
    "flags": "services.notifier.flags_command:flags",
    "outbox": "services.notifier.outbox.outbox_command:outbox",
    "backtest": "services.notifier.detector.backtest:command",
    "close": "services.notifier.months.command:close",
    "notice": "services.notifier.notice.command:notice",
}
"""Command name -> "module:function"."""


class LazyGroup(click.Group):
    """A click group whose commands are named in COMMANDS, in that order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        command: Any = getattr(importlib.import_module(module), function)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is not a click command")
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pulse5299")
def main() -> None:
    """Live, exact figures for Project 5299.

    Start with `pulse5299 run`: it brings up the whole system on this machine. Every setting is an environment
    variable PULSE_*; docs/settings.md lists them all.
    """


if __name__ == "__main__":
    main()

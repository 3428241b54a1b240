"""The console script `pulse5299`. A command's module is imported only when the command is called."""

import importlib
import io
import sys
from typing import Any

import click

from shared.domain.clock import system_clock

COMMANDS: dict[str, str] = {
    "run": "services.cli.run:run",
    "ingest": "services.cli.services:ingest",
    "metrics": "services.cli.services:metrics",
    "notifier": "services.cli.services:notifier",
    "board": "services.cli.services:board",
    "rebuild": "services.cli.rebuild:rebuild",
    "feed": "services.cli.feed:feed",
    "import": "services.cli.import_:import_sheets",
    "deadletters": "services.cli.dead_letters:deadletters",
    "progress": "services.cli.progress:progress",
    "flags": "services.cli.flags:flags",
    "outbox": "services.cli.outbox:outbox",
    "backtest": "services.cli.backtest:command",
    "close": "services.cli.close:close",
    "notice": "services.cli.notice:notice",
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
@click.pass_context
def main(ctx: click.Context) -> None:
    """Live, exact figures for Project 5299.

    Start with `pulse5299 run`: it brings up the whole system on this machine. Every setting is an environment
    variable PULSE_*; docs/settings.md lists them all.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a code page without Vietnamese ends no command
            stream.reconfigure(errors="replace")
    ctx.obj = ctx.obj or system_clock  # commands that need the time take it from here


if __name__ == "__main__":
    main()

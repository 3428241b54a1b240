"""`pulse5299 outbox`: what waits to be delivered, what was given up, and another try."""

from functools import partial

import click

from services.cli.options import ask_notifier, json_output, key_option, notifier_url
from shared.clients.notifier import NotifierClient


@click.group()
def outbox() -> None:
    """Show the messages that wait or were given up, and retry those.

    A message that the receiver refused, or that failed at every attempt, is dead: it stays, with the reason,
    until it is retried.
    """


@outbox.command("list")
@json_output
@notifier_url
@key_option
def list_messages(as_json: bool, url: str, key: str | None) -> None:
    """Show how many messages wait, and every dead one: key, attempts, address, reason."""
    answer = ask_notifier(url, lambda notifier: notifier.outbox(), key)
    if as_json:
        click.echo(answer.model_dump_json(indent=2))
        return
    for entry in answer.dead:
        click.echo(f"{entry.key}\t{entry.attempts}\t{entry.to or entry.channel}\t{entry.note}")
    waiting = ", ".join(f"{channel} {number}" for channel, number in answer.pending.items())
    click.echo(f"{len(answer.dead)} dead; waiting: {waiting}")


@outbox.command("retry")
@click.argument("keys", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Retry every dead message.")
@notifier_url
@key_option
def retry_messages(keys: tuple[str, ...], everything: bool, url: str, key: str | None) -> None:
    """Give the dead messages KEYS, or --all, all their attempts again, from now."""
    if everything == bool(keys):
        raise click.UsageError("name the messages to retry, or give --all; `pulse5299 outbox list` shows them")
    if everything:
        keys = tuple(entry.key for entry in ask_notifier(url, lambda notifier: notifier.outbox(), key).dead)
    for message in keys:
        ask_notifier(url, partial(_retry, message=message), key)
        click.echo(f"{message} is tried again")
    click.echo(f"{len(keys)} retried")


async def _retry(notifier: NotifierClient, message: str) -> None:
    await notifier.retry_message(message)

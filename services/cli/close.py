"""`pulse5299 close`: close, reopen, verify a month, or show what changed since it was closed."""

import getpass

import click

from services.cli.http import ask_for
from services.cli.options import notifier_url
from shared.contracts.months import Closed, MonthState, Restatement, Verification
from shared.domain.months import MonthError, as_of

SHOWN = 20


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise click.UsageError("this account has no name: say with --by who does it") from None


@click.command()
@click.argument("month", metavar="MONTH")
@click.option("--by", help="Who does it, for the audit trail; your login by default.")
@click.option("--reopen", is_flag=True, help="Let a closed month be closed anew; needs --reason.")
@click.option("--reason", default="", help="Why the month is reopened.")
@click.option("--verify", is_flag=True, help="Recount the log and compare with the snapshot; exit 1 if they differ.")
@click.option("--restatement", is_flag=True, help="Show what events that came later change.")
@notifier_url
def close(month: str, by: str | None, reopen: bool, reason: str, verify: bool, restatement: bool, url: str) -> None:
    """Close MONTH (such as 2023-06): keep its figures as they are now, for the notice.

    Within the days of grace the snapshot is provisional and closing again takes a new one; afterwards it is final.
    Events that arrive later are counted in their own day and shown as a restatement; the closed figures stay.
    """
    if reopen + verify + restatement > 1:
        raise click.UsageError("give one of --reopen, --verify, --restatement")
    if reopen != bool(reason.strip()):
        raise click.UsageError("a month is reopened for a reason: give --reopen and --reason together")
    try:
        as_of(month, "calendar")
    except MonthError as error:
        raise click.UsageError(str(error)) from error
    path = f"/v1/months/{month}"
    if verify:
        _report_verification(ask_for(Verification, "GET", url, f"{path}/verification"))
    elif restatement:
        _report_restatement(ask_for(Restatement, "GET", url, f"{path}/restatement"))
    elif reopen:
        state = ask_for(MonthState, "POST", url, f"{path}/reopen", by=by or _login(), reason=reason)
        click.echo(f"{month} is open again; revision {state.revision} stays as it was")
    else:
        _report_closed(ask_for(Closed, "POST", url, f"{path}/close", by=by or _login()))


def _report_closed(closed: Closed) -> None:
    snapshot = closed.snapshot
    click.echo(
        f"{snapshot.month} closed as of {snapshot.as_of}: {snapshot.status}, revision {snapshot.revision}, "
        f"{len(snapshot.cells)} figures, digest {closed.digest[:16]}"
    )


def _report_verification(found: Verification) -> None:
    for cell in found.cells[:SHOWN]:
        click.echo(f"{cell.ref}: snapshot {cell.old}, recount {cell.new}")
    if not found.digest_holds:
        click.echo("the snapshot is not what the audit trail says was taken: its digest differs")
    verdict = "holds" if found.holds else f"does not hold: {len(found.cells)} figures differ from a recount"
    click.echo(f"{found.month} revision {found.revision} {verdict}")
    if not found.holds:
        raise SystemExit(1)


def _report_restatement(found: Restatement) -> None:
    for cell in found.cells:
        click.echo(f"{cell.ref}: {cell.old} -> {cell.new}")
    for verdict in found.verdicts:
        click.echo(f"{verdict.unit}, target {verdict.target}: {verdict.old} -> {verdict.new}")
    for event in found.events[:SHOWN]:
        click.echo(f"{event.day} {event.type} {event.id} ({event.log} {event.entry})")
    if len(found.events) > SHOWN:
        click.echo(f"and {len(found.events) - SHOWN} more: GET /v1/months/{found.month}/restatement lists them")
    more = "" if found.complete else " at least"
    click.echo(f"{found.month}: {len(found.cells)} figures differ;{more} {len(found.events)} later events")

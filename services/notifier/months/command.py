"""`pulse5299 close`: close, reopen, verify a month, or show what changed since it was closed."""

import getpass
from typing import Any

import click
import httpx

from services.notifier.months.records import Closed, Restatement, Verification

SHOWN = 20


@click.command()
@click.argument("month", metavar="MONTH")
@click.option("--by", default=getpass.getuser, show_default="your login", help="Who does it, for the audit trail.")
@click.option("--reopen", is_flag=True, help="Let a closed month be closed anew; needs --reason.")
@click.option("--reason", default="", help="Why the month is reopened.")
@click.option("--verify", is_flag=True, help="Recount the log and compare with the snapshot; exit 1 if they differ.")
@click.option("--restatement", is_flag=True, help="Show what events that came later change.")
@click.option(
    "--url",
    default="http://127.0.0.1:8003",
    show_default=True,
    envvar="PULSE_NOTIFIER_URL",
    help="Where the notifier answers.",
)
def close(month: str, by: str, reopen: bool, reason: str, verify: bool, restatement: bool, url: str) -> None:
    """Close MONTH (such as 2023-06): keep its figures as they are now, for the notice.

    Within the days of grace the snapshot is provisional and closing again replaces it; afterwards it is final.
    Events that arrive later are counted in their own day and shown as a restatement; the closed figures stay.
    """
    if reopen + verify + restatement > 1:
        raise click.UsageError("give one of --reopen, --verify, --restatement")
    base = f"{url.rstrip('/')}/v1/months/{month}"
    if reopen:
        answer = _ask("POST", f"{base}/reopen", {"by": by, "reason": reason})
        click.echo(f"{month} is open again; revision {answer.json()['revision']} stays as it was")
    elif verify:
        _report_verification(Verification.model_validate_json(_ask("GET", f"{base}/verification").content))
    elif restatement:
        _report_restatement(Restatement.model_validate_json(_ask("GET", f"{base}/restatement").content))
    else:
        closed = Closed.model_validate_json(_ask("POST", f"{base}/close", {"by": by}).content)
        snapshot = closed.snapshot
        click.echo(
            f"{month} closed as of {snapshot.as_of}: {snapshot.status}, revision {snapshot.revision}, "
            f"{len(snapshot.cells)} figures, digest {closed.digest[:16]}"
        )


def _ask(method: str, url: str, parameters: dict[str, Any] | None = None) -> httpx.Response:
    try:
        response = httpx.request(method, url, params=parameters, timeout=120)
    except httpx.TransportError as error:
        raise click.ClickException(f"the notifier does not answer at {url} ({error}): give --url") from error
    if response.is_error:
        raise click.ClickException(response.json().get("detail", response.text))
    return response


def _report_verification(found: Verification) -> None:
    for cell in found.cells[:SHOWN]:
        click.echo(f"{cell.ref}: snapshot {cell.old}, recount {cell.new}")
    if not found.digest_holds:
        click.echo("the snapshot is not as it was taken: its digest differs")
    verdict = "holds" if found.holds else f"does not hold: {len(found.cells)} figures differ"
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
    more = "" if found.complete else " at least"
    click.echo(f"{found.month}: {len(found.cells)} figures differ;{more} {len(found.events)} later events")

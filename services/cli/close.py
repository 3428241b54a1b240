"""`pulse5299 close`: close, reopen, verify a month, or show what changed since it was closed."""

from pathlib import Path
from typing import get_args

import click

from services.cli.options import ask_metrics, catalogue_folder, json_output, key_option, loaded_catalogue, metrics_url
from services.reports.statements.statement import ChangedField
from shared.contracts.months import ChangedFigure, ClosedMonth, Restatement, Verification
from shared.domain.catalogue import Catalogue
from shared.domain.formatting import Lang, format_number
from shared.domain.months import Month, MonthError
from shared.runtime.messages import translate

SHOWN = 20


@click.command()
@click.argument("month", metavar="MONTH")
@click.option("--reopen", is_flag=True, help="Let a closed month be closed anew; needs --reason.")
@click.option("--reason", default="", help="Why the month is reopened.")
@click.option("--verify", is_flag=True, help="Recount the log and compare with the snapshot; exit 1 if they differ.")
@click.option("--restatement", is_flag=True, help="Show what events that came later change.")
@click.option("--lang", type=click.Choice(get_args(Lang)), default="vi", show_default=True, help="Of a restatement.")
@json_output
@catalogue_folder
@metrics_url
@key_option
def close(
    month: str,
    reopen: bool,
    reason: str,
    verify: bool,
    restatement: bool,
    lang: Lang,
    as_json: bool,
    folder: Path,
    url: str,
    key: str | None,
) -> None:
    """Close MONTH (such as 2023-06): keep its figures as they are now, for the notice.

    Within the days of grace the snapshot is provisional and closing again takes a new one; afterwards it is final.
    Events that arrive later are counted in their own day and shown as a restatement; the closed figures stay.
    """
    if reopen + verify + restatement > 1:
        raise click.UsageError("give one of --reopen, --verify, --restatement")
    if as_json and not restatement:
        raise click.UsageError("--json is of --restatement")
    if reopen != bool(reason.strip()):
        raise click.UsageError("a month is reopened for a reason: give --reopen and --reason together")
    try:
        Month.parse(month)
    except MonthError as error:
        raise click.UsageError(str(error)) from error
    if verify:
        _report_verification(ask_metrics(url, lambda metrics: metrics.verification(month), key))
    elif restatement:
        answer = ask_metrics(url, lambda metrics: metrics.restatement(month), key)
        if as_json:
            click.echo(answer.model_dump_json(indent=2))
        else:
            _report_restatement(answer, loaded_catalogue(folder), lang)
    elif reopen:
        state = ask_metrics(url, lambda metrics: metrics.reopen_month(month, reason), key)
        click.echo(f"{month} is open again; revision {state.revision} stays as it was")
    else:
        _report_closed(ask_metrics(url, lambda metrics: metrics.close_month(month), key))


def _report_closed(closed: ClosedMonth) -> None:
    snapshot = closed.snapshot
    click.echo(
        f"{snapshot.month} closed as of {snapshot.as_of}: {snapshot.status}, revision {snapshot.revision}, "
        f"{len(snapshot.values)} figures, digest {closed.digest[:16]}"
    )


def _report_verification(verification: Verification) -> None:
    for figure in verification.cells[:SHOWN]:
        click.echo(f"{figure.ref}: snapshot {figure.old}, recount {figure.new}")
    if not verification.digest_holds:
        click.echo("the snapshot is not what the audit trail says was taken: its digest differs")
    outcome = (
        "holds" if verification.holds else f"does not hold: {len(verification.cells)} figures differ from a recount"
    )
    click.echo(f"{verification.month} revision {verification.revision} {outcome}")
    if not verification.holds:
        raise SystemExit(1)


def _report_restatement(restatement: Restatement, catalogue: Catalogue, lang: Lang) -> None:
    for figure in restatement.cells:
        if text := restated_text(figure, catalogue, lang):
            click.echo(text)
    for verdict in restatement.verdicts:
        place = catalogue.place_name(verdict.unit, lang)
        target = translate(lang, "digests.target", number=verdict.target)
        click.echo(f"{place}, {target}: {verdict.old} → {verdict.new}")
    for event in restatement.events[:SHOWN]:
        click.echo(f"{event.day} {event.type} {event.id} ({event.log} {event.entry})")
    if len(restatement.events) > SHOWN:
        click.echo(
            f"and {len(restatement.events) - SHOWN} more: GET /v1/months/{restatement.month}/restatement lists them"
        )
    more = "" if restatement.complete else " at least"
    click.echo(
        f"{restatement.month}: {len(restatement.cells)} figures differ;{more} {len(restatement.events)} later events"
    )


def restated_text(figure: ChangedFigure, catalogue: Catalogue, lang: Lang) -> str:
    """A changed count of a target as the notice has it; empty for what only follows from such counts."""
    table, _, rest = figure.ref.partition(".")
    unit, _, field = rest.rpartition(".")
    if not table.startswith("t") or not table[1:].isdigit() or field not in get_args(ChangedField):
        return ""
    number = int(table[1:])
    target = catalogue.target_by_number.get(number)
    if target is None or (target.is_ratio and field in ("achieved", "goal")):
        return ""
    old, new = (
        translate(lang, "notice.sentence.nothing") if value is None else format_number(value, lang)
        for value in (figure.old, figure.new)
    )
    names = {"unit": catalogue.place_name(unit, lang), "field": translate(lang, f"notice.sentence.{field}")}
    return translate(lang, "notice.sentence.changed", target=number, **names, old=old, new=new)

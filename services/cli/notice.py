"""`pulse5299 notice`: write the monthly notice, or check one."""

import datetime as dt
import sys
from pathlib import Path
from typing import get_args

import click

from services.cli.options import ask_metrics, catalogue_folder, loaded_catalogue, metrics_url
from services.reports.check.claims import UnreadableClaimError, severity_name
from services.reports.check.facts import ProjectFacts
from services.reports.check.files import check_file, report
from services.reports.documents import TEMPLATE, Format, render_notice
from services.reports.snapshots import notice_snapshots
from shared.domain.catalogue import Catalogue
from shared.domain.clock import Clock, local_day
from shared.domain.errors import PulseError
from shared.domain.formatting import Lang
from shared.runtime.messages import translate


@click.command("notice")
@click.argument("day", metavar="DATE", required=False, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--lang", type=click.Choice(get_args(Lang)), default="vi", show_default=True, help="Language.")
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(Format)),
    default="docx",
    show_default=True,
    help="What to write.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; without it notice-DATE-LANG.FORMAT in the current folder, - for standard output.",
)
@click.option(
    "--check",
    "checked",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Check a notice (.csv, .json, .docx, .txt) instead of writing one; exit 1 if something is wrong.",
)
@click.option(
    "--template",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=TEMPLATE,
    help="A DOCX edited from the built-in template, in place of it.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there already.")
@metrics_url
@click.option("--provisional", is_flag=True, help="Write from the figures as they are now, closed or not.")
@catalogue_folder
@click.pass_context
def notice(
    ctx: click.Context,
    day: dt.datetime | None,
    lang: Lang,
    form: Format,
    out: Path | None,
    checked: Path | None,
    template: Path,
    force: bool,
    url: str,
    provisional: bool,
    folder: Path,
) -> None:
    """Write the monthly notice as of DATE (the state at its first moment), or check one with --check.

    The figures are those of the closed month (`pulse5299 close`); where it was never closed, those of now, and
    the notice says that they are provisional.

    \b
    pulse5299 notice 2023-07-01                         notice-2023-07-01-vi.docx
    pulse5299 notice 2023-07-01 --lang en --format html
    pulse5299 notice --check notice.docx                what does not add up in it

    A CSV to check has the columns target, unit, achieved, goal, percent, units_total, units_over_100, share;
    all but target may be empty or left out.
    """
    catalogue = loaded_catalogue(folder)
    if checked is not None:
        ctx.exit(_check(checked, catalogue, lang))
    if day is None:
        raise click.UsageError("give the DATE of the notice, such as 2023-07-01, or --check FILE")
    clock: Clock = ctx.obj
    now = clock()
    today = local_day(now)
    if day.date() > today:
        raise click.UsageError(f"{day:%Y-%m-%d} has not come yet; the latest notice is that of {today}")
    snapshots = ask_metrics(
        url, lambda metrics: notice_snapshots(metrics, catalogue, day.date(), provisional=provisional)
    )
    try:
        content = render_notice(
            snapshots.snapshot, catalogue, lang, form, now, earlier=snapshots.earlier, template=template
        )
    except PulseError as error:
        raise click.ClickException(str(error)) from error
    _write(out or Path(f"notice-{day:%Y-%m-%d}-{lang}.{form}"), content, force=force)


def _write(out: Path, content: bytes, *, force: bool) -> None:
    """Write the notice; a file that is there may have been edited, and is only replaced with `force`."""
    if str(out) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        with out.open("wb" if force else "xb") as file:
            file.write(content)
    except FileExistsError:
        raise click.ClickException(
            f"{out} is there already and may have been edited: give another --out, or --force to overwrite it"
        ) from None
    except OSError as error:
        raise click.ClickException(f"cannot write {out}: {error.strerror}; give another --out") from error
    click.echo(f"{out} written", err=True)


def _check(file: Path, catalogue: Catalogue, lang: Lang) -> int:
    """Print the report; 1 if something is wrong, 0 if nothing is or there are only doubts."""
    try:
        checked = check_file(file.suffix, file.read_bytes(), ProjectFacts.of(catalogue), lang)
    except UnreadableClaimError as error:
        raise click.ClickException(f"{file.name}: {error}") from error
    for line in report(checked, lang):
        click.echo(line)
    if not checked.claims:
        raise click.ClickException(
            f"{file.name}: no figures recognised; give them as CSV, the columns are in `pulse5299 notice --help`"
        )
    wrong = sum(finding.severity == "wrong" for finding in checked.findings)
    click.echo(
        translate(
            lang,
            "notice.check.summary",
            file=file.name,
            claims=len(checked.claims),
            wrong_word=severity_name("wrong", lang),
            wrong=wrong,
            doubtful_word=severity_name("doubtful", lang),
            doubtful=len(checked.findings) - wrong,
            unchecked=len(checked.unchecked),
        )
    )
    return 1 if wrong else 0

"""`pulse5299 import`: send a unit's spreadsheet as events."""

import asyncio
import hashlib
import re
import sys
from contextlib import suppress
from itertools import count as counted_from
from pathlib import Path
from typing import Final, NamedTuple

import click

from services.cli.feed import plain_errors, sending_options
from services.cli.options import console_language, read_key
from services.sender.batches import Event
from services.sender.client import accepted_by, store_of
from services.sender.feed import FeedResult, feed_shown
from services.sender.imports.cells import plain
from services.sender.imports.mapping import Mapping, MappingError, read_mapping
from services.sender.imports.plan import Plan, refused_csv, understand
from services.sender.imports.reading import read_sheets
from services.sender.imports.rows import SheetImport
from services.sender.imports.sheets import UnreadableError
from services.sender.imports.summary import summarised
from services.sender.imports.undo import undo
from services.sender.sent_before import SentBefore
from shared.domain.catalogue import Catalogue
from shared.domain.formatting import Lang, format_number
from shared.runtime.messages import translate

_YES: Final = frozenset(("y", "yes", "c", "co", "dong y", "gui", "ok"))
"""Answers that mean yes, without accents."""


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--source", required=True, help="The source the rows come from, as the catalogue names it.")
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="A TOML file that says what the sheets cannot tell by themselves.",
)
@click.option("--undo", "taking_back", is_flag=True, help="Take back what FILE said, instead of sending it.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@console_language
@sending_options
def import_sheets(
    file: Path,
    source: str,
    mapping_file: Path | None,
    taking_back: bool,
    yes: bool,
    lang: Lang,
    url: str,
    key_file: Path | None,
    var: Path,
) -> None:
    """Send the rows of FILE, an .xlsx or .csv spreadsheet, as events; importing it again counts nothing twice.

    Columns are known by their headings in Vietnamese or English; what was understood is shown before anything is
    sent. Rows that cannot be sent are written with the problem and its remedy to a .refused.csv file beside FILE,
    which can be corrected and imported in its turn; the exit code is then 1. --undo takes back what a file said.
    docs/importing.md tells it all.
    """
    key = read_key(key_file or var / "dev-key")
    with plain_errors(UnreadableError, MappingError, lang=lang):
        mapping = read_mapping(mapping_file) if mapping_file else Mapping()
        sheets = read_sheets(file)
        catalogue = asyncio.run(accepted_by(url))
        _check_source(source, catalogue)
        plan = understand(sheets, mapping, catalogue, source, key)
        known = SentBefore(var, asyncio.run(store_of(url)).id, key)
        _show(plan, known, lang)
        if taking_back:
            _take_back(plan, catalogue, known, _Way(url, key, var, lang, yes))
        elif plan.events:
            _send_all(plan, known, _Way(url, key, var, lang, yes))
        _report(plan, file, var, lang)


class _Way(NamedTuple):
    """Where events go, and how that is asked and told."""

    url: str
    key: str
    var: Path
    lang: Lang
    yes: bool


def _send_all(plan: Plan, known: SentBefore, way: _Way) -> None:
    _confirm("console.confirm", len(plan.events), way)
    result = asyncio.run(_send(plan.events, way))
    rejected = {item.index for item in result.rejected}
    known.add(event for index, event in enumerate(plan.events) if index not in rejected)
    _show_rejected(plan.take_back(result.rejected))
    click.echo(translate(way.lang, "import.console.accepted", count=format_number(result.accepted, way.lang)))


def _take_back(plan: Plan, catalogue: Catalogue, known: SentBefore, way: _Way) -> None:
    taken = undo(plan.events, catalogue, way.key)
    for name, count in taken.impossible.items():
        shown = format_number(count, way.lang)
        click.echo(translate(way.lang, "import.console.undo_impossible", count=shown, type=name))
    if not taken.events:
        raise click.ClickException(translate(way.lang, "import.console.not_sent"))
    _confirm("console.confirm_undo", len(taken.events), way)
    result = asyncio.run(_send(taken.events, way))
    known.forget(plan.events[place] for place in taken.places)
    rejected = [item.model_copy(update={"index": taken.places[item.index]}) for item in result.rejected]
    _show_rejected(plan.take_back(rejected))
    click.echo(translate(way.lang, "import.console.accepted", count=format_number(result.accepted, way.lang)))
    if taken.impossible:
        raise SystemExit(1)


def _show_rejected(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)


def _check_source(source: str, catalogue: Catalogue) -> None:
    if source not in catalogue.source_by_name:
        known = ", ".join(catalogue.source_by_name)
        raise click.ClickException(f"--source {source} is not in the catalogue: use one of {known}")


def _show(plan: Plan, known: SentBefore, lang: Lang) -> None:
    for line in plan.lines():
        click.echo(line)
    for sheet in plan.sheets:
        lines = [*summarised(sheet.events, known, lang)]
        click.echo("\n  ".join([f"“{sheet.sheet.name}”:", *lines] if lines else []))
    if not plan.sheets and not plan.unclear:
        raise click.ClickException(
            "no sheet was understood: a header row needs at least a column for what is counted and one for its date, "
            "such as “Mã tài khoản” and “Ngày mở”; docs/importing.md lists the headings"
        )


def _confirm(question: str, count: int, way: _Way) -> None:
    """Go on only with a yes, in either language.

    Raises:
        ClickException: there is nobody to ask, or the answer is another.
    """
    if way.yes:
        return
    if not sys.stdin.isatty():
        raise click.ClickException("nothing was sent: look over what was understood and give --yes")
    question_text = translate(way.lang, f"import.{question}", count=format_number(count, way.lang))
    if plain(click.prompt(question_text, default="", show_default=False)) not in _YES:
        raise click.ClickException(translate(way.lang, "import.console.not_sent"))


async def _send(events: list[Event], way: _Way) -> FeedResult:
    """Send all of it; only an unfinished run is remembered, so that a repeated import asks ingest anew."""
    digest = hashlib.sha256("".join(event["id"] for event in events).encode()).hexdigest()
    state = way.var / f"import-{digest[:16]}.json"
    result = await feed_shown("events sent", events, len(events), way.url, way.key, state)
    result.state.forget()
    state.with_suffix(".lock").unlink(missing_ok=True)
    return result


def _report(plan: Plan, file: Path, var: Path, lang: Lang) -> None:
    for sheet in plan.sheets:
        if sheet.refused:
            refused = _save_refused(sheet, file, var)
            count = format_number(len(sheet.refused), lang)
            line = translate(lang, "import.console.refused", count=count, sheet=sheet.sheet.name, file=refused or "")
            click.echo(line)
            if not refused:
                click.echo(refused_csv(sheet))
    if plan.unclear or any(sheet.refused for sheet in plan.sheets):
        raise SystemExit(1)


def _save_refused(sheet: SheetImport, file: Path, var: Path) -> Path | None:
    """Where the refused rows are: beside `file`, or in `var` if nothing can be written there; None if nowhere."""
    for folder in (file.parent, var):
        refused = _refused_file(folder / file.name, sheet.sheet.name)
        with suppress(OSError):
            refused.write_text(refused_csv(sheet), encoding="utf-8-sig", newline="")  # with the mark Excel looks for
            return refused
    return None


def _refused_file(file: Path, sheet: str) -> Path:
    """A name beside `file` that no file has yet: somebody may be correcting the one of an earlier run."""
    stem = file.stem.partition(".refused")[0]
    if file.suffix.casefold() != ".csv":
        stem += "." + re.sub(r'[\\/:*?"<>|]', "_", sheet)
    names = (f"{stem}.refused{'' if number == 1 else f'-{number}'}.csv" for number in counted_from(1))
    return next(path for path in map(file.with_name, names) if not path.exists())

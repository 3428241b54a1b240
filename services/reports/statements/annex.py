"""The annex of a notice: every unit and target, with this month and the one before. Pure."""

from dataclasses import dataclass

from services.reports.statements.sentences import percent_text
from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import PROVINCE, Catalogue
from shared.domain.formatting import Lang, format_number, half_up
from shared.domain.snapshot import Snapshot
from shared.runtime.messages import translate

NONE = "–"


@dataclass(frozen=True)
class AnnexEntry:
    """One unit and target. `lines`: achieved and share of the goal; increase and that of the month before; growth."""

    target: int
    lines: tuple[str, ...]
    row: ProgressRow


@dataclass(frozen=True)
class AnnexRow:
    """One unit, or the province."""

    unit: str
    name: str
    entries: tuple[AnnexEntry, ...]


@dataclass(frozen=True)
class Annex:
    """A table of units x targets; `columns` are the targets' heads."""

    heading: str
    note: str
    unit_head: str
    columns: tuple[str, ...]
    rows: tuple[AnnexRow, ...]


def annex_of(snapshot: Snapshot, catalogue: Catalogue, lang: Lang) -> Annex:
    """The annex of a notice: the province first, then the units in the catalogue's order."""
    rows = {(row.unit, row.target): row for row in snapshot.rows}
    numbers = sorted({row.target for row in snapshot.rows})
    codes = [PROVINCE, *(unit.code for unit in catalogue.units if (unit.code, numbers[0]) in rows)]
    return Annex(
        translate(lang, "notice.annex.heading"),
        translate(lang, "notice.annex.note"),
        translate(lang, "notice.annex.unit"),
        tuple(f"{number}. {catalogue.target_by_number[number].short(lang)}" for number in numbers),
        tuple(
            AnnexRow(
                code,
                catalogue.place_name(code, lang),
                tuple(entry_of(rows[code, number], lang) for number in numbers if (code, number) in rows),
            )
            for code in codes
        ),
    )


def entry_of(row: ProgressRow, lang: Lang) -> AnnexEntry:
    """The lines of one unit and target, in the units of the target: counts, or rates with changes in points."""
    ratio = row.numerator is not None
    achieved = NONE if row.achieved is None else _amount(row.achieved, lang, ratio=ratio)
    attainment = NONE if row.attainment is None else percent_text(row.attainment, lang)
    increase, previous = _change(row.increase, lang, ratio=ratio), _change(row.previous_increase, lang, ratio=ratio)
    growth = (
        translate(lang, "notice.annex.new")
        if row.growth is None
        else percent_text(row.growth, lang, signed=True).replace("-", "−")
    )
    return AnnexEntry(row.target, (f"{achieved} ({attainment})", f"{increase} ({previous})", growth), row)


def _amount(value: float, lang: Lang, *, ratio: bool) -> str:
    return percent_text(value, lang) if ratio else format_number(value, lang)


def _change(value: float | None, lang: Lang, *, ratio: bool) -> str:
    """A change with its sign; of a rate in percentage points."""
    if value is None:
        return NONE
    shown = half_up(value * 100, 1) if ratio else half_up(value)
    sign = "−" if shown < 0 else "+" if shown > 0 else ""
    return sign + format_number(abs(shown), lang, 1 if ratio else 0)

"""The page of a unit: a card per target with its comparisons, share of the province, curve and table. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.board.charts import Captions, Curve, curve_of, draw, first_day, goal_side, total_of
from services.board.page_query import PageQuery
from services.board.pages.comparisons import amount, compare, count, share_of
from services.board.pages.flag_lines import FlagLine, NoteLine, flag_lines, note_lines
from services.board.pages.overview import Tile, Today, tile_of
from shared.contracts.flags import FlagsResponse
from shared.contracts.metrics import Progress, ReconciliationRow
from shared.domain.catalogue import PROVINCE, Catalogue, Target
from shared.domain.formatting import Lang, format_date, format_number
from shared.domain.unit_hierarchy import GoalChange, goal_changes
from shared.runtime.messages import translate

Days = Sequence[dict[str, Any]]

LEAST_COUNT, LEAST_RATE = 1.0, 0.001
"""Ticks are at least one thing, or a tenth of a per cent, apart: their labels would repeat otherwise."""


@dataclass(frozen=True)
class UnitData:
    """What a unit's page is made from; `days` are each target's daily figures over the time of its curve."""

    catalogue: Catalogue
    progress: Progress
    days: Mapping[int, Days]
    today: Today
    flags_response: FlagsResponse | None


@dataclass(frozen=True)
class LegendLine:
    """One line of a chart: its class in the drawing, what it is, its last figure, and where it lies if outside."""

    css_class: str
    name: str
    amount: str
    where: str = ""


@dataclass(frozen=True)
class Card(Tile):
    """A tile with its curve; `chart` is SVG markup, empty where there is nothing to draw; `days`: rows of `columns`."""

    share: str
    chart: str
    legend: list[LegendLine]
    columns: list[str]
    days: list[list[str]]


def card_of(target: Target, code: str, unit_data: UnitData, query: PageQuery) -> Card | None:
    """The card of one unit (or the province) and target; None where the unit does not exist on the day."""
    rows = {row.unit: row for row in unit_data.progress.rows if row.target == target.number}
    row = rows.get(code)
    if row is None:
        return None
    lang, as_of = query.lang, unit_data.progress.as_of
    days = unit_data.days[target.number]
    changes = goal_changes(unit_data.catalogue, target, code, first_day(as_of), as_of)
    curve = curve_of(target, row, days, as_of, changes)
    return Card(
        **vars(tile_of(target, code, compare(row, target, lang), unit_data.today, query)),
        share="" if code == PROVINCE else share_of(row, rows[PROVINCE], target, lang),
        chart=_chart(curve, target, unit_data.catalogue.place_name(code, lang), lang) if curve.cumulative else "",
        legend=_legend(curve, target, lang) if curve.cumulative else [],
        columns=[translate(lang, key) for key in _columns(target)],
        days=[_day(target, day, lang) for day in days if day["day"] >= curve.since],
    )


def _chart(curve: Curve, target: Target, place: str, lang: Lang) -> str:
    amount_text = partial(amount, target=target, lang=lang)
    values = {"first": amount_text(curve.cumulative[0][1]), "last": amount_text(curve.cumulative[-1][1])}
    if curve.pace:
        description = translate(lang, "board.curve_desc", pace=amount_text(curve.pace[-1][1]), **values)
    else:
        description = translate(lang, "board.curve_desc_plain", **values)
    changed = partial(_goal_change, target=target, lang=lang)
    description = " ".join([description, *(f"{changed(change)}." for change in curve.goal_changes)])
    title = translate(
        lang,
        "board.curve_title",
        target=target.short(lang),
        unit=place,
        since=format_date(curve.since, lang),
        until=format_date(curve.until, lang),
    )
    day = partial(_short_date, lang=lang)
    captions = Captions(f"chart-{target.number}", title, description, amount_text, day, changed)
    return draw(curve, captions, LEAST_RATE if target.is_ratio else LEAST_COUNT)


def _goal_change(change: GoalChange, target: Target, lang: Lang) -> str:
    day = _short_date(change.day, lang)
    if change.goal is None:
        return translate(lang, "board.goal_ended", day=day)
    return translate(lang, "board.goal_changed", day=day, goal=amount(float(change.goal), target, lang))


def _legend(curve: Curve, target: Target, lang: Lang) -> list[LegendLine]:
    lines = [
        LegendLine(
            "cumulative", translate(lang, "board.line_cumulative"), amount(curve.cumulative[-1][1], target, lang)
        )
    ]
    if curve.pace:
        lines.append(LegendLine("pace", translate(lang, "board.line_pace"), amount(curve.pace[-1][1], target, lang)))
    if curve.goal is not None:
        side = goal_side(curve.goal, [value for _, value in (*curve.cumulative, *curve.pace)])
        where = translate(lang, f"board.goal_{side}_chart") if side else ""
        lines.append(LegendLine("goal", translate(lang, "board.line_goal"), amount(curve.goal, target, lang), where))
    return lines


def _columns(target: Target) -> tuple[str, ...]:
    columns = ("board.day", "board.on_day", "board.total")
    return (*columns, "board.rate") if target.is_ratio else columns


def _day(target: Target, day: dict[str, Any], lang: Lang) -> list[str]:
    day_text = format_date(day["day"], lang)
    if not target.is_ratio:
        return [day_text, count(day["count"], lang), count(day["count_total"], lang)]
    added = f"{count(day['numerator'], lang)} / {count(day['denominator'], lang)}"
    total = f"{count(day['numerator_total'], lang)} / {count(day['denominator_total'], lang)}"
    return [day_text, added, total, amount(total_of(target, day), target, lang)]


def _short_date(day: dt.date, lang: Lang) -> str:
    """A day on a chart: "01/7" or "1 Jul"."""
    return format_date(day, lang).rpartition("/")[0] if lang == "vi" else f"{day.day} {day:%b}"


@dataclass(frozen=True)
class UnitPage:
    """`flags` are all of the unit's, cleared ones too; `cards` is empty where it does not exist on the day."""

    code: str
    name: str
    sub_units: int | None
    cards: list[Card]
    flags: list[FlagLine]
    notes: list[NoteLine]


def unit_page_of(code: str, unit_data: UnitData, query: PageQuery) -> UnitPage:
    """The page of a unit of the catalogue or of the province; of one target where one is asked for."""
    catalogue, response = unit_data.catalogue, unit_data.flags_response
    targets = [query.target] if query.target else list(catalogue.targets)
    numbers = {target.number for target in targets}
    unit = catalogue.unit_by_code.get(code)
    flags = [flag for flag in response.flags if (flag.unit or PROVINCE) == code] if response else []
    verdicts = [verdict for verdict in response.verdicts if verdict.unit == code] if response else []
    return UnitPage(
        code,
        catalogue.place_name(code, query.lang),
        unit.sub_units if unit else None,
        [card for target in targets if (card := card_of(target, code, unit_data, query))],
        flag_lines([flag for flag in flags if flag.target in numbers], catalogue, query),
        note_lines([verdict for verdict in verdicts if verdict.target in numbers], catalogue, query),
    )


@dataclass(frozen=True)
class ReconciledLine:
    """One part of a target: its counts and factor as text; `suspect` where the factor is outside what is trusted."""

    number: int
    name: str
    texts: tuple[str, ...]
    suspect: bool


def reconciled_lines(rows: Iterable[ReconciliationRow], catalogue: Catalogue, lang: Lang) -> list[ReconciledLine]:
    """The lines of `rows`, in their order: reported, verified, matched, only reported, only recorded, factor."""
    return [_line(row, catalogue, lang) for row in rows]


def _line(row: ReconciliationRow, catalogue: Catalogue, lang: Lang) -> ReconciledLine:
    target = catalogue.target_by_number[row.target]
    part = "" if row.part == "count" else f" ({_part_name(row.part, lang)})"
    counts = (row.reported, row.verified, row.matched, row.only_reported, row.only_record)
    factor = translate(lang, "board.no_factor") if row.factor is None else format_number(row.factor, lang, 2)
    texts = (*(format_number(count, lang) for count in counts), factor)
    return ReconciledLine(row.target, target.short(lang) + part, texts, row.marked)


def _part_name(part: str, lang: Lang) -> str:
    return translate(lang, f"board.part_{part}")

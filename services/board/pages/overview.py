"""The first page: the province's targets, what is flagged, and every unit's targets. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.board.page_query import PageQuery
from services.board.pages.comparisons import ComparedTexts, compare, count
from services.board.pages.flag_lines import FlagLine, flag_lines
from shared.contracts.flags import FlagCounts, FlagsResponse, count_flags
from shared.contracts.metrics import Progress
from shared.contracts.months import MonthState
from shared.domain.catalogue import PROVINCE, Catalogue, Target
from shared.domain.formatting import Lang
from shared.runtime.messages import translate

SHOWN_FLAGS = 3

NOTICE_FORMATS = ("docx", "html")
"""The notice as the office edits it, and as it is read; `services.reports` has others."""

Today = Mapping[int, dict[str, Any]]
"""Target -> what was counted today so far, as a row of daily figures."""


@dataclass(frozen=True)
class Tile:
    """One target of the province or of a unit, compared with its goal and the months before."""

    number: int
    short: str
    name: str
    url: str
    compared: ComparedTexts
    today: str


@dataclass(frozen=True)
class UnitTarget:
    """One unit and target; `flag` is the standing flag, if any."""

    number: int
    compared: ComparedTexts
    flag: FlagLine | None


@dataclass(frozen=True)
class UnitRow:
    code: str
    name: str
    url: str
    targets: list[UnitTarget]


@dataclass(frozen=True)
class ClosedMonthLine:
    """A closed month: "06/2023", whether its figures are final, and the addresses of its notice by format."""

    name: str
    status: str
    notices: list[tuple[str, str]]


@dataclass(frozen=True)
class Overview:
    """`urgent` are the units' flags that ask most for help, `counts` how many stand."""

    tiles: list[Tile]
    units: list[UnitRow]
    urgent: list[FlagLine]
    counts: FlagCounts


def overview_of(
    catalogue: Catalogue, progress: Progress, flags_response: FlagsResponse | None, today: Today, query: PageQuery
) -> Overview:
    """The page's content in the language asked for; `today` is empty where the page is of another day."""
    standing = flags_response.standing if flags_response else []
    lines = flag_lines(standing, catalogue, query)
    by_pair: dict[tuple[str, int], FlagLine] = {(line.unit, line.target): line for line in lines}
    compared = {
        (row.unit, row.target): compare(row, catalogue.target_by_number[row.target], query.lang)
        for row in progress.rows
    }
    return Overview(
        tiles=[
            tile_of(target, PROVINCE, compared[PROVINCE, target.number], today, query) for target in catalogue.targets
        ],
        units=[
            UnitRow(
                unit.code,
                unit.name(query.lang),
                query.url(f"/units/{unit.code}"),
                [
                    UnitTarget(
                        target.number, compared[unit.code, target.number], by_pair.get((unit.code, target.number))
                    )
                    for target in catalogue.targets
                ],
            )
            for unit in catalogue.units_on(progress.as_of)
        ],
        urgent=[line for line in lines if line.unit != PROVINCE][:SHOWN_FLAGS],
        counts=count_flags(standing),
    )


def closed_month_lines(months: Iterable[MonthState], lang: Lang) -> list[ClosedMonthLine]:
    """The months that were ever closed, the latest first; the notices are in `lang`, and of no other day."""
    query = PageQuery(lang=lang, lang_chosen=True)
    return [
        ClosedMonthLine(
            f"{month.month[5:]}/{month.month[:4]}",
            translate(lang, f"board.month_{month.status}"),
            [(form.upper(), query.url(f"/months/{month.month}/notice.{form}")) for form in NOTICE_FORMATS],
        )
        for month in sorted(months, key=lambda month: month.month, reverse=True)
    ]


def tile_of(target: Target, code: str, compared: ComparedTexts, today: Today, query: PageQuery) -> Tile:
    """The tile of a unit, or of the province, and a target."""
    return Tile(
        number=target.number,
        short=target.short(query.lang),
        name=target.name(query.lang),
        url=query.url(f"/units/{code}", target=target.number),
        compared=compared,
        today=today_text(target, today.get(target.number), query.lang),
    )


def today_text(target: Target, day: dict[str, Any] | None, lang: Lang) -> str:
    """What was counted since the first moment of today: "Hôm nay đến lúc này: +3 tài khoản"; empty without figures."""
    if day is None:
        return ""
    parts = [day["numerator"], day["denominator"]] if target.is_ratio else [day["count"]]
    added = " / ".join(("+" if part > 0 else "") + count(part, lang) for part in parts)
    return translate(lang, "board.today_so_far", added=f"{added} {target.noun(lang)}")


def stale_since(progress: Progress, last: dt.date | None) -> dt.date | None:
    """The day after the last figures, where the month up to `as_of` has none; None where it has."""
    if last is None or last >= progress.previous:
        return None
    return last + dt.timedelta(days=1)

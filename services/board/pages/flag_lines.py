"""Flags and verdicts as lines a page shows, for one language. Pure."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from services.board.page_query import PageQuery
from shared.contracts.flags import Flag, FlagsResponse, RateSplit, Verdict, ranked
from shared.domain.catalogue import PROVINCE, Catalogue, Unit
from shared.domain.formatting import Lang, format_date, format_percent
from shared.runtime.messages import translate


@dataclass(frozen=True)
class FlagLine:
    """One flag: whose and of which target it is, since when, and its sentence."""

    direction: str
    label: str
    unit: str
    unit_name: str
    url: str
    target: int
    target_name: str
    sentence: str
    raised_on: dt.date
    when: str


@dataclass(frozen=True)
class NoteLine:
    """Something worth knowing that is no flag."""

    unit_name: str
    url: str
    target: int
    text: str


def flag_lines(flags: Iterable[Flag], catalogue: Catalogue, query: PageQuery) -> list[FlagLine]:
    """The flags of units and targets in the catalogue, ranked: notices to all, then lags, then surges, by severity."""
    places = {PROVINCE, *catalogue.unit_by_code}
    known = [flag for flag in flags if (flag.unit or PROVINCE) in places and flag.target in catalogue.target_by_number]
    return [_line(flag, catalogue, query) for flag in ranked(known)]


def evaluated_text(flags_response: FlagsResponse | None, lang: Lang) -> str:
    """The day the flags are of, and that they are old where a working day was not evaluated; empty without any."""
    if flags_response is None or flags_response.evaluated_on is None:
        return ""
    word = "board.evaluated_long_ago" if flags_response.stale else "board.evaluated_on"
    return translate(lang, word, day=format_date(flags_response.evaluated_on, lang))


def note_lines(verdicts: Iterable[Verdict], catalogue: Catalogue, query: PageQuery) -> list[NoteLine]:
    """The units whose rate fell, which is no lag."""
    return [
        NoteLine(
            catalogue.place_name(verdict.unit, query.lang),
            query.url(f"/units/{verdict.unit}", target=verdict.target),
            verdict.target,
            _diluted_text(verdict.split, query.lang),
        )
        for verdict in verdicts
        if verdict.diluted and verdict.split and _known(verdict, catalogue)
    ]


def grouped(flags: Iterable[Flag], catalogue: Catalogue, query: PageQuery) -> dict[str, list[FlagLine]]:
    """The flags as `province` (standing notices to all), `standing` (of units) and `resolved`."""
    groups: dict[str, list[Flag]] = {"province": [], "standing": [], "resolved": []}
    for flag in flags:
        standing = "province" if flag.unit is None else "standing"
        groups[standing if flag.cleared_on is None else "resolved"].append(flag)
    return {name: flag_lines(group, catalogue, query) for name, group in groups.items()}


def silent_units(verdicts: Iterable[Verdict], catalogue: Catalogue) -> list[Unit]:
    """The units of which every verdict is that nothing was sent."""
    states: dict[str, set[str]] = {}
    for verdict in verdicts:
        states.setdefault(verdict.unit, set()).add(verdict.state)
    return [unit for unit in catalogue.units if states.get(unit.code) == {"silent"}]


def units_in_lumps(verdicts: Iterable[Verdict], catalogue: Catalogue) -> list[Unit]:
    """The units that report in lumps and so are not judged."""
    codes = {verdict.unit for verdict in verdicts if verdict.state == "in_lumps"}
    return [unit for unit in catalogue.units if unit.code in codes]


def _diluted_text(split: RateSplit, lang: Lang) -> str:
    return translate(
        lang,
        "board.diluted",
        before=format_percent(split.before, lang),
        now=format_percent(split.now, lang),
        since=format_date(split.since, lang),
        until=format_date(split.until, lang),
    )


def _known(verdict: Verdict, catalogue: Catalogue) -> bool:
    place = verdict.unit == PROVINCE or verdict.unit in catalogue.unit_by_code
    return place and verdict.target in catalogue.target_by_number


def _line(flag: Flag, catalogue: Catalogue, query: PageQuery) -> FlagLine:
    lang = query.lang
    unit = flag.unit or PROVINCE
    when = translate(lang, "board.raised_on", day=format_date(flag.raised_on, lang))
    if flag.cleared_on is not None:
        when += ", " + translate(lang, "board.cleared_on", day=format_date(flag.cleared_on, lang))
    return FlagLine(
        direction=flag.direction,
        label=translate(lang, f"board.flag_{flag.direction}"),
        unit=unit,
        unit_name=catalogue.place_name(unit, lang),
        url=query.url(f"/units/{unit}", target=flag.target),
        target=flag.target,
        target_name=catalogue.target_by_number[flag.target].short(lang),
        sentence=flag.sentence(lang),
        raised_on=flag.raised_on,
        when=when,
    )

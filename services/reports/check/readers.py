"""Reads the claims of a table or of running text. Pure.

A table is CSV with these columns, or JSON objects with the same names:

target          the target's number; required
unit            the unit's code; empty or "province" for the whole province
achieved, goal  whole numbers; for a ratio target the part and its whole
percent         as printed, with its decimals
units_total, units_over_100   how many units there are, and how many are claimed to be over 100 %
share           percent of the goal that those units hold, if the notice says so

In running text two patterns are recognised, in English and Vietnamese and with either thousands separator: a pair of
numbers that its percentage follows ("40,676/66,000 accounts …, reaching 62.6 %"), and "7/20 units exceeding 100 %".
Everything belongs to the target last named as a heading ("Target 2 …", "Chỉ tiêu 2 …"); text before the first one is
passed over.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from services.reports.check.claims import COUNT, PERCENT, Claim, UnreadableClaimError, parse_count, parse_percent
from shared.domain.catalogue import PROVINCE

COLUMNS = (
    "target",
    "unit",
    "achieved",
    "goal",
    "percent",
    "units_total",
    "units_over_100",
    "share",
)

Parsed = TypeVar("Parsed")

_HEADING = re.compile(r"(?:Target|Chỉ tiêu)\s+(\d+)\s*[“\"«:]")
_PAIR = re.compile(rf"(?<![\d/.,])({COUNT})\s*/\s*({COUNT})(?![\d/]|[.,]\d)")
_UNITS = re.compile(r"(?<![\d/.,])(\d+)\s*(?:/|of)\s*(\d+)\s+(?:units|đơn vị)")
_PERCENT = re.compile(rf"({PERCENT})\s*%")
_OVER = re.compile(r"(?:over|exceed\w*|above|vượt|trên)\s[^%]*?100\s*%")
_SHARE = re.compile(rf"(?:hold|make up|chiếm)\s+({PERCENT})\s*%")
_SENTENCE_END = re.compile(r"[.;](?:\s|$)")
_REACH = 300
"""How many characters after a pair its percentage is looked for."""


def claims_from_csv(text: str, ratio_targets: Collection[int]) -> list[Claim]:
    """The claims of a CSV file with a header line; comma or semicolon between the columns.

    Raises:
        UnreadableClaimError: a column is unknown or missing, or a value is not a number.
    """
    header = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",")
    _known("line 1", rows.fieldnames or ())
    claims = []
    for row in rows:
        where = f"line {rows.line_num}"
        if None in row:
            raise UnreadableClaimError(
                f'{where}: more values than columns; write numbers as 40676 or "40,676" in quotes, or use semicolons'
            )
        claims.append(_claim(where, row, ratio_targets))
    return claims


def claims_from_json(document: Any, ratio_targets: Collection[int]) -> list[Claim]:
    """The claims of a parsed JSON file: a list of objects, or an object with such a list as `figures`.

    Raises:
        UnreadableClaimError: it has another form, a name is unknown or missing, or a value is not a number.
    """
    rows = document.get("figures") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableClaimError(
            'the JSON file must be a list of objects such as {"target": 2, "achieved": 40676, "goal": 66000, '
            '"percent": 61.6}, or an object with that list as "figures"'
        )
    return list(_objects(rows, ratio_targets))


def _objects(rows: list[dict[str, Any]], ratio_targets: Collection[int]) -> Iterator[Claim]:
    for number, row in enumerate(rows, start=1):
        where = f"figure {number}"
        _known(where, row)
        texts = {name: None if value is None else str(value) for name, value in row.items()}
        yield _claim(where, texts, ratio_targets)


def _known(where: str, names: Collection[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise UnreadableClaimError(f"{where}: unknown column {unknown[0]!r}; known are {', '.join(COLUMNS)}")
    if "target" not in names:
        raise UnreadableClaimError(f"{where}: the column 'target' is missing; add it")


def _claim(where: str, row: Mapping[str, str | None], ratio_targets: Collection[int]) -> Claim:
    target = _value(where, row, "target", parse_count)
    return Claim(
        where=where,
        target=target,
        unit=(row.get("unit") or PROVINCE).strip(),
        achieved=_value(where, row, "achieved", parse_count),
        goal=_value(where, row, "goal", parse_count),
        is_part=target in ratio_targets,
        percent=_value(where, row, "percent", parse_percent),
        units_total=_value(where, row, "units_total", parse_count),
        units_over=_value(where, row, "units_over_100", parse_count),
        share=_value(where, row, "share", parse_percent),
    )


def _value(where: str, row: Mapping[str, str | None], name: str, parse: Callable[[str], Parsed]) -> Parsed | None:
    text = row.get(name)
    if text is None or not text.strip():
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise UnreadableClaimError(f"{where}, {name}: {error}") from error


def claims_from_text(text: str, ratio_targets: Collection[int]) -> list[Claim]:
    """The claims that can be recognised; none is not an error, since text promises nothing."""
    plain = unicodedata.normalize("NFC", text.replace("\u00a0", " "))
    headings = list(_HEADING.finditer(plain))
    ends = [*(heading.start() for heading in headings), len(plain)][1:]
    return [
        claim
        for heading, end in zip(headings, ends, strict=True)
        for claim in _section(plain, heading.end(), end, int(heading[1]), ratio_targets)
    ]


def _section(text: str, start: int, end: int, target: int, ratio_targets: Collection[int]) -> Iterator[Claim]:
    units = list(_UNITS.finditer(text, start, end))
    of_units = {match.start() for match in units}
    pairs = [pair for pair in _PAIR.finditer(text, start, end) if pair.start() not in of_units]
    stops = [*sorted(match.start() for match in [*units, *pairs]), end]
    for pair in pairs:
        stop = next(at for at in stops if at > pair.start())
        printed = _PERCENT.search(text, pair.end(), min(stop, pair.end() + _REACH))
        if printed is not None:
            yield Claim(
                where=_line(text, pair.start()),
                target=target,
                achieved=parse_count(pair[1]),
                goal=parse_count(pair[2]),
                is_part=target in ratio_targets,
                percent=parse_percent(printed[1]),
            )
    for match in units:
        sentence = _rest_of_sentence(text, match.end(), end)
        if _OVER.search(sentence):
            share = _SHARE.search(sentence)
            yield Claim(
                where=_line(text, match.start()),
                target=target,
                units_total=int(match[2]),
                units_over=int(match[1]),
                share=parse_percent(share[1]) if share else None,
            )


def _rest_of_sentence(text: str, start: int, end: int) -> str:
    stop = _SENTENCE_END.search(text, start, end)
    following = _UNITS.search(text, start, end)
    return text[start : min(at.start() if at else end for at in (stop, following))]


def _line(text: str, position: int) -> str:
    return f"line {text.count(chr(10), 0, position) + 1}"

"""Reads the claims of a table: of a CSV file, of JSON objects, or of a table in a document. Pure.

CSV and JSON have these columns, or names:

target          the target's number; required
unit            the unit's code or full name; empty or "province" for the whole province
achieved, goal  whole numbers; for a ratio target the part and its whole
percent         as printed, with its decimals
units_total, units_over_100   how many units there are, and how many are claimed to be over 100 %
share           percent of the goal that those units hold, if the notice says so

A table of a document has a row of headings, of which the words of `HEADINGS` are known, and numbers below it.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Final, TypeVar

from services.reports.check.claims import COUNT, Claim, UnreadableClaimError, parse_count, parse_percent
from services.reports.check.facts import ProjectFacts

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

HEADINGS: Final = {
    "percent": r"tỷ lệ|tỉ lệ|%|percent|rate|attain",
    "achieved": r"kết quả|đã đạt|thực hiện|đạt được|achieved|result|done",
    "goal": r"kế hoạch|chỉ tiêu giao|chỉ tiêu năm|được giao|\bkh\b|tổng số|goal|plan|whole|total",
    "unit": r"đơn vị|unit|union|địa phương",
    "target": r"chỉ tiêu|mục tiêu|target",
}
"""Column -> what its heading contains, in a table of a document; the first that fits is meant."""

_CHANGE: Final = re.compile(r"tăng|giảm|cùng kỳ|tháng trước|growth|increase|change")
Parsed = TypeVar("Parsed")

_FIGURE: Final = re.compile(rf"\s*({COUNT})\s*(?:/\s*({COUNT})\s*)?")


def claims_from_csv(text: str, facts: ProjectFacts) -> list[Claim]:
    """The claims of a CSV file with a header line; comma, semicolon or tab between the columns.

    Raises:
        UnreadableClaimError: a column, target or unit is unknown, a column is missing, a value is not a number, a
            quotation mark is never closed, or a figure is given twice.
    """
    header = text.partition("\n")[0]
    delimiter = next((each for each in (";", "\t") if each in header), ",")
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
    claims = []
    line = 1
    try:
        _known("line 1", rows.fieldnames or ())
        for row in rows:
            where, line = f"line {rows.line_num}", rows.line_num
            if None in row:
                raise UnreadableClaimError(
                    f"{where}: more values than columns; write numbers as 40676 or "
                    '"40,676" in quotes, or use semicolons'
                )
            if any(value and "\n" in value for value in row.values()):
                raise UnreadableClaimError(f'{where}: a value of several lines; close its quotation mark (")')
            claims.append(_claim(where, row, facts))
    except csv.Error as error:
        raise UnreadableClaimError(f'after line {line}: {error}; a quotation mark (") is not closed') from error
    return _once(claims)


def claims_from_json(document: Any, facts: ProjectFacts) -> list[Claim]:
    """The claims of a parsed JSON file: a list of objects, or an object with such a list as `figures`.

    Raises:
        UnreadableClaimError: it has another form, a name, target or unit is unknown, a name is missing, a value is not
            a number, or a figure is given twice.
    """
    rows = document.get("figures") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableClaimError(
            'the JSON file must be a list of objects such as {"target": 2, "achieved": 40676, "goal": 66000, '
            '"percent": 61.6}, or an object with that list as "figures"'
        )
    return _once(_objects(rows, facts))


def claims_from_cells(
    rows: Sequence[Sequence[str]], table: int, target: int | None, facts: ProjectFacts
) -> list[Claim]:
    """The claims of table number `table` of a document; none where its headings are not known.

    A row is about `target` where no column says another. A row whose numbers cannot be read claims nothing, nor does
    one that is right by none of several columns of one sort ("result in May", "result in June").
    """
    for number, row in enumerate(rows):
        columns = _columns(row, rows[number + 1 :])
        if len({"achieved", "goal", "percent"} & columns.keys()) > 1:
            claims = (
                _row_claim(f"table {table}, row {at}", below, columns, target, facts)
                for at, below in enumerate(rows[number + 1 :], start=number + 2)
            )
            return [claim for claim in claims if claim is not None]
    return []


def _columns(headings: Sequence[str], below: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    columns: dict[str, list[int]] = {}
    for at, heading in enumerate(headings):
        plain = " ".join(unicodedata.normalize("NFC", heading).casefold().split())
        name = next((name for name, words in HEADINGS.items() if re.search(words, plain)), None)
        if name == "target" and _mostly_goals([row[at] for row in below if at < len(row)]):
            name = "goal"
        if name is not None and not _CHANGE.search(plain):
            columns.setdefault(name, []).append(at)
    return columns


def _mostly_goals(cells: Sequence[str]) -> bool:
    """Whether a column headed "target" gives goals: a target's number has one digit or two."""
    return sum(bool(re.fullmatch(COUNT, cell.strip())) and len(cell.strip()) > 2 for cell in cells) * 2 > len(cells)


def _row_claim(
    where: str, row: Sequence[str], columns: Mapping[str, Sequence[int]], target: int | None, facts: ProjectFacts
) -> Claim | None:
    def cells(name: str) -> list[str]:
        return [row[at].strip() for at in columns.get(name, ()) if at < len(row)] or [""]

    named = re.search(r"\d+", cells("target")[0])
    number = int(named[0]) if named and int(named[0]) in facts.targets else target
    unit = cells("unit")[0]
    whose = Claim(where, number, unit=facts.unit_code(unit) or unit, is_part=number in facts.ratio_targets)
    readings = [
        reading
        for achieved, goal, printed in product(cells("achieved"), cells("goal"), cells("percent"))
        if (reading := _reading(whose, achieved, goal, printed))
    ]
    right = next((reading for reading in readings if reading.percent_holds), None)
    return right or (readings[0] if len(readings) == 1 else None)


def _reading(whose: Claim, achieved: str, goal: str, printed: str) -> Claim | None:
    figure, whole = _FIGURE.fullmatch(achieved), _FIGURE.fullmatch(goal)
    if figure is None or not (figure[2] or whole):
        return None
    count, of = parse_count(figure[1]), parse_count(figure[2] or (whole[1] if whole else ""))
    sign_less = re.sub(r"(?i)\s*(?:%|percent|phần trăm)", "", printed)
    try:
        share = parse_percent(sign_less, count, of) if sign_less else None
    except ValueError:
        return None
    return replace(whose, achieved=count, goal=of, percent=share)


def _objects(rows: list[dict[str, Any]], facts: ProjectFacts) -> Iterator[Claim]:
    for number, row in enumerate(rows, start=1):
        where = f"figure {number}"
        _known(where, row)
        texts = {name: None if value is None else str(value) for name, value in row.items()}
        yield _claim(where, texts, facts)


def _known(where: str, names: Collection[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise UnreadableClaimError(f"{where}: unknown column {unknown[0]!r}; known are {', '.join(COLUMNS)}")
    if "target" not in names:
        raise UnreadableClaimError(f"{where}: the column 'target' is missing; add it")


def _claim(where: str, row: Mapping[str, str | None], facts: ProjectFacts) -> Claim:
    target = _value(where, row, "target", parse_count)
    if target is not None and target not in facts.targets:
        known = ", ".join(map(str, sorted(facts.targets)))
        raise UnreadableClaimError(f"{where}, target: there is no target {target}; the catalogue has {known}")
    unit = facts.unit_code(row.get("unit") or "")
    if unit is None:
        raise UnreadableClaimError(
            f"{where}, unit: {row.get('unit')!r} is no unit of the catalogue; write its code or its full name"
        )
    achieved, goal = _value(where, row, "achieved", parse_count), _value(where, row, "goal", parse_count)
    return Claim(
        where=where,
        target=target,
        unit=unit,
        achieved=achieved,
        goal=goal,
        is_part=target in facts.ratio_targets,
        percent=_value(where, row, "percent", lambda text: parse_percent(text, achieved, goal)),
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


def _once(claims: Iterable[Claim]) -> list[Claim]:
    """The claims, none of which gives a figure that an earlier one has given."""
    given: dict[tuple[object, ...], Claim] = {}
    listed = list(claims)
    for claim in listed:
        for name in ("achieved", "goal", "percent", "units_over", "share"):
            value = getattr(claim, name)
            first = given.setdefault((claim.target, claim.unit, name), claim) if value is not None else claim
            if getattr(first, name) != value:
                raise UnreadableClaimError(
                    f"{claim.where}: {name} of target {claim.target} is {getattr(first, name)} in {first.where} and "
                    f"{value} here; keep one"
                )
    return listed

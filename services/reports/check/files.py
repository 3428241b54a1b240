"""The check of one file, whatever its form: .csv, .json (figures, or our own notice), .docx and .txt."""

import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from services.reports.check.checker import check
from services.reports.check.claims import Claim, Discrepancy, UnreadableClaimError, place_name
from services.reports.check.docx_body import Row, read_body
from services.reports.check.facts import ProjectFacts
from services.reports.check.own_notice import claims_from_notice, is_notice, parse_notice, untraced
from services.reports.check.percentages import percentages
from services.reports.check.sections import sections
from services.reports.check.tables import claims_from_cells, claims_from_csv, claims_from_json
from services.reports.check.texts import Reading, read_text
from shared.domain.formatting import Lang
from shared.runtime.messages import translate

_SHOWN: Final = 8
"""How many unchecked percentages of one place are printed; the rest are counted."""


class Checked(NamedTuple):
    """What a file claims, the percentages in it that no claim speaks of (place, as printed), and what is wrong."""

    claims: list[Claim]
    unchecked: list[tuple[str, str]]
    findings: list[Discrepancy]


def check_file(suffix: str, content: bytes, facts: ProjectFacts, lang: Lang) -> Checked:
    """The check of `content`; `suffix` (".csv") tells its form.

    Raises:
        UnreadableClaimError: the form is not known, or the content is not of that form.
    """
    match suffix.lower():
        case ".csv":
            claims = claims_from_csv(_decoded(content), facts)
        case ".json":
            return _check_json(content, facts, lang)
        case ".txt" | ".md":
            return _check_reading(read_text(_decoded(content), facts), facts, lang)
        case ".docx":
            return _check_reading(_read_docx(content, facts), facts, lang)
        case _:
            raise UnreadableClaimError(f"{suffix!r} files cannot be checked: give .csv, .json, .docx or .txt")
    return Checked(claims, [], check(claims, facts, lang))


def report(checked: Checked, lang: Lang) -> Iterator[str]:
    """What was checked, then the percentages that were not, then what does not add up; a line each."""
    for claim in checked.claims:
        yield translate(lang, "notice.check.checked", claim=claim.describe(lang))
    for place, group in groupby(checked.unchecked, key=itemgetter(0)):
        printed = [text for _, text in group]
        shown = printed if len(printed) <= _SHOWN else printed[:_SHOWN]
        if len(printed) > _SHOWN:
            shown = [*shown, translate(lang, "notice.check.and_more", count=len(printed) - _SHOWN)]
        name = place_name(place, None, lang)
        yield translate(lang, "notice.check.not_checked", place=name, percentages=", ".join(shown))
    for finding in checked.findings:
        yield finding.describe(lang)


def _check_reading(reading: Reading, facts: ProjectFacts, lang: Lang) -> Checked:
    return Checked(reading.claims, reading.unchecked, [*reading.doubts, *check(reading.claims, facts, lang)])


def _check_json(content: bytes, facts: ProjectFacts, lang: Lang) -> Checked:
    try:
        document: Any = json.loads(_decoded(content))
    except json.JSONDecodeError as error:
        raise UnreadableClaimError(f"line {error.lineno}: not JSON: {error.msg}") from error
    if not is_notice(document):
        claims = claims_from_json(document, facts)
        return Checked(claims, [], check(claims, facts, lang))
    notice = parse_notice(document)
    claims = list(claims_from_notice(notice, facts.ratio_targets))
    return Checked(claims, [], [*untraced(notice), *check(claims, facts, lang)])


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableClaimError(f"byte {error.start}: not UTF-8 text; save the file as UTF-8") from error


def _read_docx(content: bytes, facts: ProjectFacts) -> Reading:
    """The text and the tables of a document; a table whose headings are not known is text, a row a line."""
    body = read_body(content)
    lines: list[str] = []
    figures = Reading()
    taken = 0
    for number, (position, rows) in enumerate(body.tables, start=1):
        lines += body.lines[taken:position]
        taken = position
        *_, section = sections("\n".join(lines))
        claims = claims_from_cells(rows, number, section.target, facts)
        figures.claims.extend(claims)
        if claims:
            figures.unchecked.extend(_other_percentages(rows, number, claims))
        else:
            lines += [" | ".join(cell.replace("\n", " ") for cell in row) for row in rows]
    text = read_text("\n".join([*lines, *body.lines[taken:]]), facts)
    return Reading([*text.claims, *figures.claims], [*text.unchecked, *figures.unchecked], text.doubts)


def _other_percentages(rows: list[Row], table: int, claims: list[Claim]) -> list[tuple[str, str]]:
    """The percentages of a table that its claims do not speak of."""
    claimed = {(claim.where, claim.percent) for claim in claims}
    others = []
    for number, row in enumerate(rows, start=1):
        where = f"table {table}, row {number}"
        for text in row:
            printed = [text[one.start : one.end] for one in percentages(text, 0, len(text))]
            if not any(place == where for place, _ in claimed) or len(printed) > 1:
                others += [(where, one) for one in printed]
    return others

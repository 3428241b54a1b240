"""The check of one file, whatever its form: .csv, .json (figures, or our own notice), .docx and .txt."""

import json
from collections.abc import Collection
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import docx

from services.reports.check.checker import check
from services.reports.check.claims import Discrepancy, UnreadableClaimError
from services.reports.check.own_notice import claims_from_notice, is_notice, parse_notice, untraced
from services.reports.check.readers import claims_from_csv, claims_from_json, claims_from_text
from shared.domain.formatting import Lang


def check_file(
    suffix: str, content: bytes, ratio_targets: Collection[int], lang: Lang
) -> tuple[int, list[Discrepancy]]:
    """How many claims `content` makes, and what does not add up; `suffix` (".csv") tells its form.

    Raises:
        UnreadableClaimError: the form is not known, or the content is not of that form.
    """
    match suffix.lower():
        case ".csv":
            claims = claims_from_csv(_decoded(content), ratio_targets)
        case ".json":
            return _check_json(content, ratio_targets, lang)
        case ".txt" | ".md":
            claims = claims_from_text(_decoded(content), ratio_targets)
        case ".docx":
            claims = claims_from_text(_docx_text(content), ratio_targets)
        case _:
            raise UnreadableClaimError(f"{suffix!r} files cannot be checked: give .csv, .json, .docx or .txt")
    return len(claims), check(claims, lang)


def _check_json(content: bytes, ratio_targets: Collection[int], lang: Lang) -> tuple[int, list[Discrepancy]]:
    try:
        document: Any = json.loads(_decoded(content))
    except json.JSONDecodeError as error:
        raise UnreadableClaimError(f"line {error.lineno}: not JSON: {error.msg}") from error
    if not is_notice(document):
        claims = claims_from_json(document, ratio_targets)
        return len(claims), check(claims, lang)
    notice = parse_notice(document)
    claims = list(claims_from_notice(notice, ratio_targets))
    return len(claims), [*untraced(notice), *check(claims, lang)]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableClaimError(f"byte {error.start}: not UTF-8 text; save the file as UTF-8") from error


def _docx_text(content: bytes) -> str:
    try:
        document = docx.Document(BytesIO(content))
    except (BadZipFile, KeyError, ValueError) as error:
        raise UnreadableClaimError("not a DOCX document; save it as .docx in a word processor") from error
    return "\n".join(paragraph.text for paragraph in document.paragraphs)

"""What is wrong with a cell, and the remedy, in both languages. Pure."""

from dataclasses import dataclass

from shared.domain.formatting import LANGUAGES
from shared.runtime.messages import translate


@dataclass(frozen=True)
class Complaint:
    """One thing wrong with one cell; texts are for the person who corrects the sheet.

    `is_doubt`: the cell alone could be read, so it must not be read when it comes back uncorrected.
    """

    problem_vi: str
    remedy_vi: str
    problem: str
    remedy: str
    is_doubt: bool = False


class ComplaintError(ValueError):
    """A cell cannot be read; `complaint` says why."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.problem)
        self.complaint = complaint


def complaint(problem: str, remedy: str | None = None, *, is_doubt: bool = False, **values: object) -> Complaint:
    """The messages of `problem` and of `remedy` (by default the problem's own), with `values` filled in."""
    keys = f"import.problem.{problem}", f"import.remedy.{remedy or problem}"
    (problem_vi, remedy_vi), (problem_en, remedy_en) = (
        [translate(lang, key, **values) for key in keys] for lang in LANGUAGES
    )
    return Complaint(problem_vi, remedy_vi, problem_en, remedy_en, is_doubt)


_REMEDY_OF = {
    "time_in_future": "date",
    "time_before_project": "date",
    "forbidden_unit": "access",
    "forbidden_type": "access",
    "forbidden_source": "access",
}
"""Codes of ingest that a person who imports can meet -> the message of their remedy."""


def rejection(code: str, detail: str) -> Complaint:
    """What ingest says of an event; the English remedy is its own words."""
    name, remedy = (code, _REMEDY_OF[code]) if code in _REMEDY_OF else ("other", "other")
    problem_vi, problem_en = (translate(lang, f"import.rejection.problem.{name}", code=code) for lang in LANGUAGES)
    remedy_vi = translate("vi", f"import.rejection.remedy.{remedy}", detail=detail)
    return Complaint(problem_vi, remedy_vi, problem_en, detail)

"""Decision records: each says its status and date, and is in the index with both."""

import re
from pathlib import Path

import pytest

from shared.runtime.settings import ROOT

FOLDER = ROOT / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()


def index_row(record: Path) -> str:
    """The row of the index that a record must have; AssertionError where the record's first lines are not in form."""
    text = record.read_text(encoding="utf-8")
    form = re.match(r"# (\d{4}):? (.+)\n\nStatus: (.+)\nDate: (\d{4}-\d\d-\d\d)\n\n", text)
    assert form, f"{record.name} must begin with `# NNNN: Title`, an empty line, `Status: …`, `Date: YYYY-MM-DD`"
    number, title, status, date = form.groups()
    assert record.name.startswith(f"{number}-")
    state = re.match(r"accepted|superseded by \[?(\d{4})", status)
    assert state, f"{record.name}: a status is `accepted` or `superseded by NNNN`"
    later = state[1] or ""
    assert not later or any(other.name.startswith(later) for other in RECORDS)
    return f"| {number} | [{title}]({record.name}) | {'superseded' if later else 'accepted'} | {date} | {later} |"


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_is_in_the_index(record: Path) -> None:
    assert index_row(record) in INDEX


def test_the_index_has_no_other_rows_and_is_in_order() -> None:
    rows = [row for row in INDEX if re.match(r"\| \d", row)]
    assert rows == [index_row(record) for record in RECORDS]

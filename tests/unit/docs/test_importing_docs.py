"""docs/importing.md names a heading for every column of every record that can be imported, and they work."""

import re
from pathlib import Path

import pytest

from services.sender.imports.headings import SUBJECT, TIME, Layout, row_types
from services.sender.imports.layout import recognise
from services.sender.imports.mapping import SheetMapping, read_mapping
from services.sender.imports.sheets import Sheet
from services.sender.imports.vocabulary import load_words
from shared.domain.catalogue import load_catalogue

PAGE = Path("docs/importing.md").read_text(encoding="utf-8")
TABLE = [line.strip("|").split("|")[1] for line in PAGE.splitlines() if re.match(r"\| an? ", line)]
TYPES = row_types(load_catalogue(Path("deploy/catalogue")))


def headings(row: str, *, english: bool) -> list[str]:
    pairs = re.findall(r"([^,()]+) \(([^)]+)\)", row)
    return [(foreign if english else own).strip() for own, foreign in pairs]


def understood(header: list[str]) -> Layout | None:
    return recognise(Sheet("Trang1", [list(header)]), SheetMapping(), TYPES, load_words())


def test_every_record_is_in_the_table() -> None:
    recognised = [
        recognise(Sheet("Trang1", [list(headings(row, english=False))]), SheetMapping(), TYPES, load_words())
        for row in TABLE
    ]
    assert sorted(layout.type.name for layout in recognised if layout) == sorted(t.name for t in TYPES)


@pytest.mark.parametrize("row", TABLE)
@pytest.mark.parametrize("english", [False, True])
def test_the_headings_it_names_are_understood(row: str, english: bool) -> None:
    layout = understood(headings(row, english=english))
    assert layout is not None
    assert set(layout.columns) == {SUBJECT, TIME, *layout.type.attributes}
    assert layout.unused() == []


def test_the_mapping_file_it_shows_is_one(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "map.toml").write_text(shown, encoding="utf-8")
    assert read_mapping(tmp_path / "map.toml").for_sheet("Danh sách T7").constants["holder"] == "member"

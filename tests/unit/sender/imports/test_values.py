"""Values of a row: what a mark, an empty cell and a cell without a value stand for."""

from pathlib import Path

import pytest

from services.sender.imports.cells import Cell, Fault
from services.sender.imports.complaints import ComplaintError
from services.sender.imports.unit_names import UnitNames
from services.sender.imports.values import ValueReader, read_text
from services.sender.imports.vocabulary import load_words
from shared.domain.catalogue import load_catalogue

CATALOGUE = load_catalogue(Path("deploy/catalogue"))
READER = ValueReader(UnitNames(CATALOGUE, load_words()), load_words())


def supported(cell: Cell, *, blanks_are_sure: bool = True) -> str | bool:
    return READER.read("supported", [True, False], cell, blanks_are_sure=blanks_are_sure)


@pytest.mark.parametrize(
    "cell",
    ["✓", "✔", "✔\ufe0f", "√", "☑", "✅", "v", "V", "x", "X", "(x)", "Có", "1", 1, 1.0, True, "TRUE", "Đã hỗ trợ"],
)
def test_ticks_and_words_say_yes(cell: Cell) -> None:
    assert supported(cell) is True


@pytest.mark.parametrize("cell", ["", " ", "\u200b", "Không", "KHÔNG HỖ TRỢ", "0", 0, False])
def test_an_empty_cell_and_words_say_no(cell: Cell) -> None:
    assert supported(cell) is False


@pytest.mark.parametrize(
    "cell",
    [
        *("?", "??", "Có?", "-", "…", "...", "/", "+", "*", "●", "×", "☒", "☐", "❌", "👍", "ü", "R", "2", 2, "#N/A"),
        *(Fault("error", "#N/A"), Fault("uncalculated", "=IF(A1,1,0)")),
    ],
)
def test_every_other_mark_is_refused(cell: Cell) -> None:
    with pytest.raises(ComplaintError):
        supported(cell)


def test_an_empty_cell_is_no_value_where_it_may_be_an_error() -> None:
    with pytest.raises(ComplaintError, match="empty"):
        supported("", blanks_are_sure=False)


@pytest.mark.parametrize("cell", ["", "#N/A", "#REF!", "=A1", Fault("error", "#N/A"), Fault("uncalculated", "=A1")])
def test_a_cell_without_a_value_is_no_text(cell: Cell) -> None:
    with pytest.raises(ComplaintError):
        read_text(cell)

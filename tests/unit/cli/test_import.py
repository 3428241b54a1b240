"""Where `pulse5299 import` leaves refused rows."""

from pathlib import Path

import pytest

from services.cli import import_
from tests.support.import_plans import ACCOUNTS, plan_of


def test_refused_rows_are_kept_where_something_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (sheet,) = plan_of(tmp_path, [ACCOUNTS, [1, "A1", "An Lão", "Đoàn viên", "32/6/2023"]], name="T6").sheets
    var = tmp_path / "var"
    var.mkdir()
    beside = import_._save_refused(sheet, tmp_path / "book.xlsx", var)
    assert beside == tmp_path / "book.T6.refused.csv"
    elsewhere = import_._save_refused(sheet, tmp_path / "away" / "book.xlsx", var)
    assert elsewhere == var / "book.T6.refused.csv"
    assert "A1" in elsewhere.read_text(encoding="utf-8-sig")
    assert import_._save_refused(sheet, tmp_path / "away" / "book.xlsx", tmp_path / "gone") is None


def test_a_sheets_name_is_no_path() -> None:
    assert import_._refused_file(Path("a.xlsx"), "../T6:1").name == "a..._T6_1.refused.csv"

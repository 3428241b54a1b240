"""Letterheads, directives and remarks of the catalogue: in force by date, and refused where they contradict."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from shared.domain.catalogue import CatalogueError, load_catalogue
from shared.domain.notice_texts import letterhead_on
from shared.runtime.settings import ROOT
from tests.support.notice434 import catalogue


def test_one_letterhead_is_in_force_on_every_day() -> None:
    days = [dt.date(2022, 2, 1), dt.date(2025, 6, 30), dt.date(2025, 7, 1), dt.date(2030, 1, 1)]
    places = [letterhead_on(catalogue().letterheads, day).place_vi for day in days]
    assert places == ["Bình Định", "Bình Định", "Gia Lai", "Gia Lai"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("valid_until = 2025-07-01        #", "valid_until = 2025-09-01        #", "two are in force on 2025-07-01"),
        ('month = "2023-06"\n', 'month = "2023-06"\nunit = "atlantis"\n', "'atlantis' of 2023-06 is no unit"),
        ('month = "2023-06"', 'month = "June"', "remarks.0.month"),
        ('office_vi = "VĂN PHÒNG"\n', "", "letterheads.0.office_vi"),
        ("[[directives]]", "[[directive]]", "directive\n"),
    ],
)
def test_a_mistake_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(ROOT / "deploy" / "catalogue", folder)
    file = folder / "notice.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=message):
        load_catalogue(folder)


def test_a_catalogue_without_notice_texts_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(ROOT / "deploy" / "catalogue", folder)
    (folder / "notice.toml").unlink()
    assert load_catalogue(folder).letterheads == ()

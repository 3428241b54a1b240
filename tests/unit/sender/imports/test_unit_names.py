"""Units by every name a person writes, and suggestions only where they are right."""

import csv
import datetime as dt
from functools import cache
from pathlib import Path

import pytest

from services.sender.imports.unit_names import UnitNames
from services.sender.imports.vocabulary import load_words
from shared.domain.catalogue import Catalogue
from tests.support.notice434 import catalogue

COMMUNES = Path(__file__).parents[3] / "data" / "binh-dinh-communes.csv"
"""The 155 communes, wards and townships of Binh Dinh before 1 July 2025, of the General Statistics Office's list."""

SPLIT = dt.date(2025, 7, 1)


@cache
def names(*, communes: bool = True) -> UnitNames:
    shipped = catalogue()
    if communes:
        return UnitNames(shipped, load_words())
    units = tuple(unit.model_copy(update={"communes": ()}) for unit in shipped.units)
    return UnitNames(shipped.model_copy(update={"units": units}), load_words())


def commune_spellings() -> list[tuple[str, str]]:
    """Two spellings of each commune, with the unit that leads it."""
    with COMMUNES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    both = [(name, row["unit"]) for row in rows for name in (row["commune"], f"Đoàn {row['commune'].lower()}")]
    assert len(both) == 310
    return both


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        (
            "military",
            [
                "Bộ CHQS tỉnh",
                "BCHQS",
                "Đoàn Bộ CHQS",
                "BCH Quân sự tỉnh",
                "Quân sự tỉnh",
                "ĐTN Bộ CHQS tỉnh",
                "Đoàn TN Bộ CHQS tỉnh",
                "Bộ Chỉ huy Quân sự",
                "CHQS tỉnh",
                "Bộ CHQS",
                "BCH QS tỉnh",
                "Đoàn cơ sở Bộ CHQS tỉnh Bình Định",
                "Bộ CHQS tỉnh Bình Định",
            ],
        ),
        (
            "border-guard",
            [
                "BĐBP tỉnh",
                "BĐBP",
                "Bộ đội Biên phòng",
                "ĐTN BĐBP",
                "Bộ CH BĐBP tỉnh",
                "Biên phòng tỉnh",
                "Đoàn TN Bộ đội biên phòng",
            ],
        ),
        (
            "quy-nhon-university",
            [
                "ĐH Quy Nhơn",
                "Trường ĐH Quy Nhơn",
                "Đại học Qui Nhơn",
                "ĐHQN",
                "Đoàn trường ĐH QN",
                "Trường Đại học Quy Nhơn",
            ],
        ),
        (
            "technology-college",
            [
                "CĐ KTCN Quy Nhơn",
                "CĐ Kỹ thuật Công nghệ Quy Nhơn",
                "Trường CĐ KTCN QN",
                "CĐKTCN Quy Nhơn",
                "Trường Cao đẳng Kỹ thuật Công nghệ Qui Nhơn",
            ],
        ),
        (
            "construction-college",
            [
                "CĐ Cơ điện - Xây dựng và Nông lâm Trung Bộ",
                "CĐ Cơ điện XD & NL Trung Bộ",
                "Trường CĐ Cơ điện - XD và NLTB",
                "CĐ Cơ điện",
            ],
        ),
        ("binh-dinh-college", ["CĐ Bình Định", "Trường CĐ Bình Định", "Cao đẳng Bình Định", "CĐBĐ"]),
        ("businesses", ["Khối DN", "Khối Doanh nghiệp", "Đoàn Khối DN tỉnh", "Đoàn khối DN", "Khối DN tỉnh"]),
        (
            "agencies",
            ["Khối CQ", "Khối các CQ tỉnh", "Đoàn Khối các cơ quan", "Khối cơ quan tỉnh", "Đoàn khối CQ tỉnh"],
        ),
        ("public-security", ["CA tỉnh", "Công an tỉnh", "ĐTN Công an tỉnh", "Đoàn TN CA tỉnh", "CAT", "Công an"]),
        (
            "phu-my",
            [
                "BCH Đoàn huyện Phù Mỹ",
                "Huyện Phù Mỹ, tỉnh Bình Định",
                "H. Phù Mỹ",
                "Phù Mĩ",
                "Huyện đoàn Phù Mỹ - Bình Định",
                "Đoàn TNCS Hồ Chí Minh huyện Phù Mỹ",
                "Ban Chấp hành Đoàn huyện Phù Mỹ",
                "BTV Huyện đoàn Phù Mỹ",
                "Xã Mỹ Lợi, huyện Phù Mỹ",
                "Phu My District",
                "HUYỆN ĐOÀN PHÙ MỸ",
                "Huyện Đoàn Phù Mỹ (Bình Định)",
                "phu-my",
                "Đoàn huyện Phù Mỹ",
                "Thị trấn Phù Mỹ",
            ],
        ),
        (
            "quy-nhon",
            [
                "Qui Nhơn",
                "TP Qui Nhơn",
                "TP. Quy Nhơn",
                "T.P Quy Nhơn",
                "Thành phố Quy Nhơn",
                "Thành đoàn Qui Nhơn",
                "P. Ghềnh Ráng",
            ],
        ),
        ("an-nhon", ["TX An Nhơn", "T.X. An Nhơn", "Thị xã đoàn An Nhơn", "Phường Bình Định"]),
        (
            None,
            [
                "Quận Ba Đình",
                "Bình Định",
                "Tỉnh Bình Định",
                "Sở Nội vụ, TP Quy Nhơn",
                "Huyện Quy Nhơn 2",
                "Đại học",
                "Cao đẳng",
                "Công an huyện Phù Mỹ",
                "Đại học FPT",
                "Xã Abc",
                "Tỉnh đoàn",
                "Đoàn",
                "Huyện",
            ],
        ),
    ],
)
def test_spellings(code: str | None, spellings: list[str]) -> None:
    found = {typed: names().codes(typed) for typed in spellings}
    assert found == dict.fromkeys(spellings, {code} if code else set())


def test_communes_that_the_catalogue_lists_mean_their_unit() -> None:
    wrong = {typed: names().codes(typed) for typed, unit in commune_spellings() if names().codes(typed) != {unit}}
    assert wrong == {}


def test_communes_that_it_does_not_list_are_taken_for_no_unit_and_suggest_none() -> None:
    unlisted = names(communes=False)
    taken = [typed for typed, _ in commune_spellings() if unlisted.codes(typed)]
    suggested = [typed for typed, _ in commune_spellings() if unlisted.nearest(typed)]
    assert (taken, suggested) == ([], [])


def test_communes_that_differ_in_accents_alone_are_told_apart() -> None:
    assert names().codes("Xã Ân Nghĩa") == {"hoai-an"}
    assert names().codes("Xã An Nghĩa") == {"an-lao"}
    assert names().codes("Xa An Nghia") == {"an-lao", "hoai-an"}


@pytest.mark.parametrize(
    ("typed", "unit"),
    [
        ("Vân Cann", "Huyện đoàn Vân Canh"),
        ("Huyện Tuy Phướt", "Huyện đoàn Tuy Phước"),
        ("Thị đoàn Hoài Nhơnn", "Thị đoàn Hoài Nhơn"),
        ("Quận Ba Đình", None),
        ("Xã Vân Cann", None),
    ],
)
def test_a_slip_suggests_the_one_unit_it_is_near(typed: str, unit: str | None) -> None:
    assert names().nearest(typed) == unit


def split() -> Catalogue:
    """An Lão ends, its communes are units from then on."""
    shipped = catalogue()
    unit = shipped.units[3]
    old = unit.model_copy(update={"valid_until": SPLIT, "communes": ()})
    new = [
        unit.model_copy(update={"code": code, "name_vi": name, "name_en": code, "valid_from": SPLIT, "communes": ()})
        for code, name in (("an-lao-xa", "Đoàn xã An Lão"), ("an-hoa-xa", "Đoàn xã An Hòa"))
    ]
    units = (*(one for one in shipped.units if one.code != old.code), old, *new)
    return shipped.model_copy(update={"units": units})


@pytest.mark.parametrize(
    ("typed", "before", "after"),
    [
        ("An Lão", "an-lao", "an-lao-xa"),
        ("Huyện An Lão", "an-lao", "an-lao"),
        *((typed, "an-lao-xa", "an-lao-xa") for typed in ("Xã An Lão", "X. An Lão", "X.An Lão", "Xã đoàn An Lão")),
        *(
            (typed, "an-hoa-xa", "an-hoa-xa")
            for typed in ("An Hòa", "Đoàn TN xã An Hòa", "Đoàn TNCS Hồ Chí Minh xã An Hòa")
        ),
    ],
)
def test_a_name_means_the_unit_of_its_day(typed: str, before: str, after: str) -> None:
    known = UnitNames(split(), load_words())
    assert known.codes(typed, dt.date(2025, 6, 1)) == {before}
    assert known.codes(typed, SPLIT) == {after}

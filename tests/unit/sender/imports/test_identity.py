"""Ids: what can be one as it stands, and what only looks like one."""

import datetime as dt

import pytest

from services.sender.imports.cells import Cell, Fault
from services.sender.imports.complaints import ComplaintError
from services.sender.imports.identity import SubjectReader, likeness


def read(cell: Cell, *column: Cell, is_address: bool = False, is_typed: bool = False) -> str:
    return SubjectReader([cell, *column], is_address=is_address, is_typed=is_typed).read(cell)


@pytest.mark.parametrize(
    ("cell", "subject"),
    [
        ("TK-01", "TK-01"),
        ("TK\u201101", "TK-01"),
        ("’0012", "0012"),
        ("`0012", "0012"),
        ("052093000001.", "052093000001"),
        ("052 093 000 001", "052093000001"),
        ("052.093.000.001", "052093000001"),
        ("\u202a0520\u200e93\ufe0f000001\u2069", "052093000001"),
        ("000.00.01.H08-230701-0001", "000.00.01.H08-230701-0001"),
        ("12/2023/HS", "12/2023/HS"),
        (123456789012, "123456789012"),
        (52093000001.0 * 10, "520930000010"),
        ("215123456", "215123456"),
    ],
)
def test_one_form_of_an_id(cell: Cell, subject: str) -> None:
    assert read(cell) == subject


@pytest.mark.parametrize(
    "cell",
    [
        "",
        " \u200b",
        "chưa có",
        "không có",
        "-",
        "…",
        "N/A",
        "#N/A",
        "#REF!",
        "Err:502",
        "########",
        "0",
        "000000",
        "999999999999",
        "5.20930E+11",
        "5,2015E+11",
        "5e11",
        "5201.5",
        5201.5,
        5.2e17,
        float("nan"),
        float("inf"),
        -12345678.0,
        True,
        dt.date(2023, 7, 1),
        "01/07/2023",
        '="TK"&A2',
        Fault("error", "#VALUE!"),
        Fault("uncalculated", "=A1"),
    ],
)
def test_what_is_no_id_is_refused(cell: Cell) -> None:
    with pytest.raises(ComplaintError):
        read(cell)


@pytest.mark.parametrize(
    ("cell", "column", "is_typed"),
    [
        (52093000001, (), False),
        (987654321, (), False),
        ("52093000001", (), True),
        (52093000, ("0520930000",), False),
        ("5209300000", ("05209300001",), True),
    ],
)
def test_a_number_that_may_have_lost_its_zero_is_refused(cell: Cell, column: tuple[Cell, ...], is_typed: bool) -> None:
    with pytest.raises(ComplaintError, match="may have lost a zero"):
        read(cell, *column, is_typed=is_typed)


def test_an_apostrophe_says_that_the_number_is_whole() -> None:
    assert read("'52093000001", is_typed=True) == "52093000001"


@pytest.mark.parametrize(
    "address", ["https://a.vn/1", "http://a.example.vn:8080/x?id=1#b", "facebook.com/huyendoan/posts/1", "www.a.vn/bài"]
)
def test_an_article_is_named_by_an_address(address: str) -> None:
    assert read(address, is_address=True) == address


@pytest.mark.parametrize(
    "typed",
    ["Xem tại đây", "Facebook Đoàn xã", "https://a.vn/1 https://a.vn/2", "https://a.vn/1;https://a.vn/2", "1", "-"],
)
def test_an_article_without_an_address_is_refused(typed: str) -> None:
    with pytest.raises(ComplaintError):
        read(typed, is_address=True)


def test_spellings_of_one_page_are_alike_and_other_pages_are_not() -> None:
    spellings = [
        "https://a.vn/bai/1",
        "http://www.a.vn/bai/1/",
        "A.VN/bai/1",
        "https://a.vn/bai/1?fbclid=x&utm_source=f#top",
    ]
    assert len({likeness(each) for each in spellings}) == 1
    assert len({likeness(each) for each in ["https://a.vn/?id=1", "https://a.vn/?id=2", "https://a.vn/Bai"]}) == 3
    assert likeness("tk-01") == likeness("TK 01") != likeness("TK-010")
    assert likeness("T1-12") != likeness("T11-2")

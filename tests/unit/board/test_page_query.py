"""What the address of a page says is read to the letter, kept in every link, and refused with what is wrong."""

import datetime as dt

import pytest

from services.board.page_query import BadQueryError, PageQuery, parse_query, units_matching
from services.board.pages.frame import Frame
from tests.support.notice434 import JULY, catalogue


@pytest.mark.parametrize(
    ("accept", "lang"),
    [
        ("", "vi"),
        ("fr-FR, de;q=0.8", "vi"),
        ("en-US,en;q=0.9", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("vi;q=0.5, en;q=0.9", "en"),
        ("EN", "en"),
        ("en;q=0", "vi"),
        ("en;q=nonsense", "vi"),
    ],
)
def test_language_is_the_visitors_favourite_else_vietnamese(accept: str, lang: str) -> None:
    query = parse_query({}, accept, catalogue())
    assert (query.lang, query.lang_chosen) == (lang, False)


def test_language_in_the_address_goes_first() -> None:
    assert parse_query({"lang": "en"}, "vi", catalogue()).lang == "en"
    assert parse_query({"lang": "xx"}, "en", catalogue()).lang == "en"


def test_day_and_target_are_read() -> None:
    query = parse_query({"as_of": "2023-07-01", "target": "3"}, "", catalogue())
    assert query.as_of == JULY
    assert query.target is not None
    assert query.target.number == 3


@pytest.mark.parametrize("text", ["2023-13-01", "01/07/2023", "2021-12-31", "9999-12-31", "<script>"])
def test_a_day_that_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(BadQueryError) as refused:
        parse_query({"as_of": text}, "", catalogue())
    assert (refused.value.key, refused.value.given) == ("board.bad_day", text)


@pytest.mark.parametrize("text", ["9", "three", "-1", "²"])
def test_a_target_that_is_not_there_is_refused(text: str) -> None:
    with pytest.raises(BadQueryError, match=r"board\.bad_target"):
        parse_query({"target": text}, "", catalogue())


def test_links_keep_the_state_and_only_what_was_chosen() -> None:
    assert PageQuery().url("/flags") == "/flags"
    assert PageQuery(lang="en").url("/flags") == "/flags"
    query = PageQuery(lang="en", lang_chosen=True, as_of=JULY)
    assert query.url("/units/an-lao", target=2) == "/units/an-lao?as_of=2023-07-01&lang=en&target=2"
    assert query.url("/", lang="vi") == "/?as_of=2023-07-01&lang=vi"


@pytest.mark.parametrize(
    ("day", "back", "on"),
    [
        (dt.date(2023, 7, 1), "2023-06-01", "2023-08-01"),
        (dt.date(2023, 6, 17), "2023-06-01", "2023-07-01"),
        (dt.date(2023, 8, 20), "2023-08-01", None),
        (dt.date(2022, 1, 1), None, "2022-02-01"),
    ],
)
def test_steps_go_to_the_starts_of_months(day: dt.date, back: str | None, on: str | None) -> None:
    frame = Frame(catalogue(), PageQuery(as_of=day), "/", dt.date(2023, 8, 25))
    assert [step and step[1] for step in (frame.month_back, frame.month_on)] == [
        month and f"/?as_of={month}" for month in (back, on)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("an nhon", ["an-nhon"]),
        ("Phù Mỹ", ["phu-my"]),
        ("PHU MY", ["phu-my"]),
        ("dai hoc", ["quy-nhon-university"]),
        ("Đại học", ["quy-nhon-university"]),
        ("business", ["businesses"]),
        ("thanh nien quan", ["military"]),
        ("hoai", ["hoai-nhon", "hoai-an"]),
        ("", []),
        ("nowhere", []),
    ],
)
def test_units_are_found_with_and_without_diacritics(text: str, found: list[str]) -> None:
    assert [unit.code for unit in units_matching(catalogue().units, text)] == found

"""Identifiers: what looks the same is the same, what is no text is found."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identifiers import forbidden_character, one_form

NAME = "https://tuyphước.vn/bài-viết"


@pytest.mark.parametrize(
    "typed",
    [
        unicodedata.normalize("NFD", NAME),
        f"  {NAME}\u00a0\u3000",
        f"\ufeff{NAME}\u200b",
        NAME.replace("-", "\u200d-\u2060"),
        f"\u202a{NAME}\u202c",
        f"{NAME}\ufe0f\u061c\U000e0101",
        NAME.replace("à", "a\u200c\u0300"),
    ],
)
def test_what_looks_the_same_is_one_identifier(typed: str) -> None:
    assert one_form(typed) == NAME


@pytest.mark.parametrize("typed", ["", "a", "A  b", "Số 1/2", "50%", "b%C3%A0i", "①", "👍🏽"])
def test_everything_else_stays_as_it_is(typed: str) -> None:
    assert one_form(typed) == typed


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_one_form_is_found_at_once(text: str) -> None:
    assert one_form(one_form(text)) == one_form(text)


@pytest.mark.parametrize("character", ["\0", "\t", "\x1f", "\x7f", "\x85", "\ud800", "\ufdd0", "\uffff", "\U0010fffe"])
def test_what_cloudevents_does_not_allow_is_named(character: str) -> None:
    assert forbidden_character(f"a{character}b") == f"U+{ord(character):04X}"


@pytest.mark.parametrize("text", ["", "bài viết", "a\u00a0b", "\u200b", "👍", "\ue000", "\ufffd"])
def test_other_characters_are_allowed(text: str) -> None:
    assert forbidden_character(text) is None

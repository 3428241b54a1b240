"""Both languages say the same things, and every template's words are there."""

import re
from pathlib import Path
from string import Formatter

import pytest

from services import board
from services.board.messages import WORDS, say

FOLDER = Path(str(board.__file__)).parent


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_words_with_the_same_holes() -> None:
    assert WORDS["vi"].keys() == WORDS["en"].keys()
    for word, text in WORDS["vi"].items():
        assert holes(text) == holes(WORDS["en"][word]), word


def test_every_word_is_used_and_every_word_used_is_there() -> None:
    sources = "".join(path.read_text() for path in [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.html")])
    sources = sources.replace((FOLDER / "messages.py").read_text(), "")
    said = set(re.findall(r'say\((?:[a-z._]*lang, )?"([a-z_]+)"', sources))
    assert said <= WORDS["vi"].keys()
    unused = [word for word in WORDS["vi"] if f'"{word}"' not in sources]
    assert not [word for word in unused if not word.startswith(("achieved_", "above_", "below_", "month_"))]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("templates/*.html")), ids=lambda path: path.name)
def test_no_template_has_styles_scripts_or_other_hosts(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"style=|<style|\bon[a-z]+=|https?://|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_filled_in_words_read_well() -> None:
    assert say("vi", "as_of", day="01/7/2023", previous="01/6/2023").startswith("Số liệu đến 0 giờ ngày 01/7/2023")

"""No template brings styles, scripts or other hosts into a page, and texts read well when filled in."""

import re
from pathlib import Path

import pytest

from services import board
from shared.runtime.messages import translate

FOLDER = Path(str(board.__file__)).parent


@pytest.mark.parametrize("path", sorted(FOLDER.glob("templates/*.html")), ids=lambda path: path.name)
def test_no_template_has_styles_scripts_or_other_hosts(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"style=|<style|\bon[a-z]+=|https?://|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_filled_in_texts_read_well() -> None:
    text = translate("vi", "board.as_of", day="01/7/2023", previous="01/6/2023")
    assert text.startswith("Số liệu đến 0 giờ ngày 01/7/2023")

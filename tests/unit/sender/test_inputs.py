"""What can be fed, and what is said of what cannot."""

from pathlib import Path

import pytest

from services.sender.inputs import InputError, open_input


def written(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "events"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    "content",
    [
        b'{"id": "a"}\n{"id": "b"}\n',
        b'\xef\xbb\xbf{"id": "a"}\r\n\r\n  {"id": "b"}',
        b'[{"id": "a"}, {"id": "b"}]',
        b'\xef\xbb\xbf\n [\n{"id": "a"},\n{"id": "b"}]\n',
    ],
)
def test_json_lines_and_arrays_give_the_same_events(tmp_path: Path, content: bytes) -> None:
    source = open_input(written(tmp_path, content))
    assert source.total == 2
    assert list(source.events()) == [{"id": "a"}, {"id": "b"}]
    assert list(source.events()) == [{"id": "a"}, {"id": "b"}]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b'{"id": "a"}\n{"id": \n', "line 2: not JSON"),
        (b'{"id": "a"}\n["b"]\n', "line 2: a CloudEvent is a JSON object"),
        (b'{"data": NaN}\n', "line 1: not JSON .NaN is no JSON number"),
        (b'{"id": "\xff"}\n', "line 1: not UTF-8"),
        (b'[{"id": "a"}, 7]', "event 1: a CloudEvent is a JSON object"),
        (b'[{"id": "a"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        open_input(written(tmp_path, content))


def test_the_digest_names_the_content(tmp_path: Path) -> None:
    first = open_input(written(tmp_path, b'{"id": "a"}')).digest
    assert open_input(written(tmp_path, b'{"id": "b"}')).digest != first
    assert open_input(written(tmp_path, b'{"id": "a"}')).digest == first


def test_nothing_is_an_input_of_no_events(tmp_path: Path) -> None:
    assert open_input(written(tmp_path, b"")).total == 0


def test_a_folder_of_figures_is_an_input_of_the_events_behind_them() -> None:
    source = open_input(Path("data/notice-434"))
    assert source.total == 225_486
    assert next(iter(source.events()))["specversion"] == "1.0"

"""What can be fed, and what is said of what cannot."""

import gzip
import io
import os
from pathlib import Path

import pytest

from services.sender.batches import Event
from services.sender.inputs import InputError, open_input


def written(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "events"
    file.write_bytes(content)
    return file


def read(path: Path) -> tuple[str, int, list[Event], list[Event]]:
    """Digest, total, and the events twice."""
    with open_input(path) as source:
        return source.digest, source.total, list(source.events()), list(source.events())


@pytest.mark.parametrize(
    "content",
    [
        b'{"id": "a"}\n{"id": "b"}\n',
        b'\xef\xbb\xbf{"id": "a"}\r\n\r\n  {"id": "b"}',
        b'[{"id": "a"}, {"id": "b"}]',
        b'\xef\xbb\xbf\n [\n{"id": "a"},\n{"id": "b"}]\n',
        b'{"events": [{"id": "a"}, {"id": "b"}]}\n',
        b'{\n "events": [\n {"id": "a"},\n {"id": "b"}\n]}',
        gzip.compress(b'{"id": "a"}\n{"id": "b"}\n', mtime=0),
        gzip.compress(b'[{"id": "a"}, {"id": "b"}]', mtime=0),
    ],
)
def test_json_lines_and_arrays_give_the_same_events(tmp_path: Path, content: bytes) -> None:
    assert read(written(tmp_path, content))[1:] == (2, *[[{"id": "a"}, {"id": "b"}]] * 2)


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
        (b'{"items": [{"id": "a"}]}\n', "no CloudEvent, but a list in 'items'"),
        (b'{"events": [{"id": "a"}]}\n{"id": "b"}\n', "no CloudEvent, but a list in 'events'"),
        (gzip.compress(b'{"id": "a"}\n' * 100, mtime=0)[:-9], "the gzip file is damaged or cut off"),
        (b"PK\x03\x04workbook", "`pulse5299 import` sends a spreadsheet"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        read(written(tmp_path, content))


def test_an_event_over_several_lines_is_one(tmp_path: Path) -> None:
    file = written(tmp_path, b'{\n "specversion": "1.0",\n "id": "a"\n}\n')
    assert read(file)[2] == [{"specversion": "1.0", "id": "a"}]


def test_a_pipe_and_standard_input_are_read_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'{"id": "a"}\n{"id": "b"}\n'
    reader, writer = os.pipe()
    os.write(writer, content)
    os.close(writer)
    piped = read(Path(f"/dev/fd/{reader}"))
    os.close(reader)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(content))))
    assert piped == read(Path("-")) == read(written(tmp_path, content))


def test_the_digest_names_the_content(tmp_path: Path) -> None:
    first = read(written(tmp_path, b'{"id": "a"}'))[0]
    assert read(written(tmp_path, b'{"id": "b"}'))[0] != first
    assert read(written(tmp_path, b'{"id": "a"}'))[0] == first


def test_nothing_is_an_input_of_no_events(tmp_path: Path) -> None:
    assert read(written(tmp_path, b""))[1] == 0


def test_a_folder_of_figures_is_an_input_of_the_events_behind_them() -> None:
    with open_input(Path("data/notice-434")) as source:
        assert source.total == 225_486
        assert next(iter(source.events()))["specversion"] == "1.0"

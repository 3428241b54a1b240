"""What can be fed: a file of CloudEvents, or a folder of figures to make them from."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from services.sender.batches import Event
from services.sender.cumulative_counts import read_cumulative_counts
from services.sender.synthetic_events import SEED, count_events, make_events


class InputError(ValueError):
    """The input cannot be read; the message names the file, the line and the remedy."""


@dataclass(frozen=True)
class Input:
    """`digest` names the content, `events()` gives its `total` events, in the same order every time."""

    digest: str
    total: int
    events: Callable[[], Iterable[Event]]


def open_input(path: Path) -> Input:
    """Look through all of `path`, so that nothing is sent of an input that cannot be read to its end.

    Raises:
        InputError, CountsError: it cannot.
    """
    if path.is_dir():
        cumulative = read_cumulative_counts(path)
        digest = hashlib.sha256(f"{cumulative.digest()}/{SEED}".encode()).hexdigest()
        return Input(digest, count_events(cumulative), lambda: make_events(cumulative))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        is_array = _first_character(file) == b"["
    if is_array:
        events = _array(path)
        return Input(digest, len(events), lambda: events)
    return Input(digest, sum(1 for _ in _lines(path)), lambda: _lines(path))


def _first_character(file: BinaryIO) -> bytes:
    for line in file:
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if text:
            return text[:1]
    return b""


def _array(path: Path) -> list[Event]:
    events = _parsed(path.read_bytes(), str(path))
    if not isinstance(events, list):
        raise InputError(f"{path}: not a JSON array of CloudEvents")
    return [_event(event, f"{path}, event {index}") for index, event in enumerate(events)]


def _lines(path: Path) -> Iterator[Event]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                where = f"{path}, line {number}"
                yield _event(_parsed(line, where), where)


def _parsed(text: bytes, where: str) -> Any:
    try:
        return json.loads(text.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not UTF-8 text; save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON ({error}); one CloudEvent a line, or one JSON array") from error


def _event(value: Any, where: str) -> Event:
    if not isinstance(value, dict):
        raise InputError(f"{where}: a CloudEvent is a JSON object, this is {value!r:.40}")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")

"""What can be fed: a file of CloudEvents, or a folder of figures to make them from."""

import gzip
import hashlib
import json
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from services.sender.batches import Event
from services.sender.cumulative_counts import read_cumulative_counts
from services.sender.synthetic_events import SEED, count_events, make_events

_BOM: Final = b"\xef\xbb\xbf"
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"


class InputError(ValueError):
    """The input cannot be read; the message names the file, the line and the remedy."""


@dataclass(frozen=True)
class Input:
    """`digest` names the content, `events()` gives its `total` events, in the same order every time."""

    digest: str
    total: int
    events: Callable[[], Iterable[Event]]


@contextmanager
def open_input(path: Path) -> Iterator[Input]:
    """Look through all of `path`, so that nothing is sent of an input that cannot be read to its end.

    `-` is standard input. What can be read but once, a pipe, is copied to a nameless temporary file first.

    Raises:
        InputError, CountsError: it cannot.
    """
    if path.is_dir():
        cumulative = read_cumulative_counts(path)
        digest = hashlib.sha256(f"{cumulative.digest()}/{SEED}".encode()).hexdigest()
        yield Input(digest, count_events(cumulative), lambda: make_events(cumulative))
        return
    name = "standard input" if str(path) == "-" else str(path)
    with ExitStack() as stack:
        file = _opened(path, stack)
        start = file.read(4)
        file.seek(0)
        if start.startswith(_ZIP):
            raise InputError(f"{name}: a spreadsheet or zip file; `pulse5299 import` sends a spreadsheet; unpack a zip")
        if start.startswith(_GZIP):
            file = cast("BinaryIO", stack.enter_context(gzip.GzipFile(fileobj=file)))
        yield _looked_through(file, name)


def _opened(path: Path, stack: ExitStack) -> BinaryIO:
    """A file that can be read again and again; `stack` closes it."""
    given = cast("BinaryIO", sys.stdin.buffer) if str(path) == "-" else stack.enter_context(path.open("rb"))
    if str(path) != "-" and path.is_file():
        return given
    copy = cast("BinaryIO", stack.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(given, copy)
    copy.seek(0)
    return copy


def _looked_through(file: BinaryIO, name: str) -> Input:
    try:
        digest = _digest(file)
        events = _document(file, name)
        if events is not None:
            return Input(digest, len(events), lambda: events)
        return Input(digest, sum(1 for _ in _lines(file, name)), lambda: _lines(file, name))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{name}: the gzip file is damaged or cut off; get it anew") from error


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while part := file.read(1 << 20):
        digest.update(part)
    return digest.hexdigest()


def _document(file: BinaryIO, name: str) -> list[Event] | None:
    """The events of a file that is one JSON document: an array, one event, or `{"events": […]}`; None: of lines."""
    file.seek(0)
    first = next((text for line in file if (text := line.removeprefix(_BOM).strip())), b"")
    if first.startswith(b"["):
        return _numbered(_parsed(_whole(file), name), name)
    if not first.startswith(b"{"):
        return None
    document = _json(first)
    lines = document is not None
    document = document if lines else _json(_whole(file))
    if not isinstance(document, dict) or "specversion" in document or not _lists(document):
        return None if lines or document is None else _numbered([document], name)
    if list(document) != ["events"] or _json(_whole(file)) != document:
        held = ", ".join(map(repr, _lists(document)))
        raise InputError(f"{name}: no CloudEvent, but a list in {held}; give one event a line, or one JSON array")
    return _numbered(document["events"], name)


def _numbered(events: Any, name: str) -> list[Event]:
    if not isinstance(events, list):
        raise InputError(f"{name}: not a JSON array of CloudEvents")
    return [_event(event, f"{name}, event {index}") for index, event in enumerate(events)]


def _lists(value: dict[str, Any]) -> list[str]:
    """The members that hold a list of objects."""
    return [
        name for name, held in value.items() if isinstance(held, list) and any(isinstance(one, dict) for one in held)
    ]


def _whole(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _lines(file: BinaryIO, name: str) -> Iterator[Event]:
    file.seek(0)
    for number, line in enumerate(file, start=1):
        if line.strip():
            where = f"{name}, line {number}"
            yield _event(_parsed(line, where), where)


def _json(text: bytes) -> Any:
    """What `text` is as JSON; None where it is none."""
    try:
        return _parsed(text, "")
    except InputError:
        return None


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

"""JSON of a request body: read strictly, and event by event where one of a batch cannot be read. Pure.

Three things are JSON by its grammar (RFC 8259) and yet cannot be kept: half of a surrogate pair, a number of more than
4,300 digits, and nesting deeper than 200. Such an event is rejected by itself; what is no JSON spoils the request.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pydantic_core

from services.ingest.rejections import ATTRIBUTES, RequestRefusedError

BOM = b"\xef\xbb\xbf"

SCANNED = 50_000
"""Brackets and texts looked at to find where an event ends that is nested too deeply for any parser."""

_not_space = re.compile(r"[^ \t\n\r]|\Z").search
_brackets_and_texts = re.compile(r'(?s)"(?:[^"\\]|\\.?)*(?:"|\Z)|[\[\]{}]').finditer
"""An unclosed text is one that ends with the body, so that no other is looked for within it."""


class Unreadable(NamedTuple):
    """An event that cannot be read: why, and those of its attributes that can."""

    reason: str
    attributes: dict[str, str]


def parse_json(body: bytes) -> Any:
    """The value of a JSON text; a byte order mark before it is ignored, as RFC 8259 section 8.1 allows.

    Raises:
        ValueError: not JSON, or one that cannot be kept.
    """
    return pydantic_core.from_json(body.removeprefix(BOM), allow_inf_nan=False)


def parse_event(body: bytes) -> Any:
    """The value of a body that holds one event; Unreadable where it is JSON that cannot be kept.

    Raises:
        RequestRefusedError: 400, not JSON.
    """
    try:
        return parse_json(body)
    except ValueError as error:
        text = _decoded(body, error)
        value, end = _element(text, _after_space(text, 0), error)
        if _after_space(text, end) != len(text):
            raise _malformed(error) from error
        return value


def parse_events(body: bytes, most: int) -> list[Any]:
    """The values of an array, each Unreadable where it is JSON that cannot be kept; `most` + 1 where there are more.

    Raises:
        RequestRefusedError: 400, not JSON or no array.
    """
    try:
        events = parse_json(body)
    except ValueError as error:
        return list(_elements(_decoded(body, error), most, error))
    if not isinstance(events, list):
        raise RequestRefusedError(400, "Not a batch", "a batch is a JSON array of events")
    return events


def _elements(text: str, most: int, error: ValueError) -> Iterator[Any]:
    at = _after_space(text, 0)
    if text[at : at + 1] != "[":
        raise _malformed(error)
    for _ in range(most + 1):
        value, at = _element(text, _after_space(text, at + 1), error)
        yield value
        at = _after_space(text, at)
        if text[at : at + 1] != ",":
            break
    else:
        return
    if text[at : at + 1] != "]" or _after_space(text, at + 1) != len(text):
        raise _malformed(error)


def _after_space(text: str, at: int) -> int:
    """Where the next token begins; the length of `text` where none does."""
    found = _not_space(text, at)
    return found.start() if found else len(text)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


_lenient = json.JSONDecoder(parse_int=lambda _: 0, parse_float=lambda _: 0, parse_constant=_refuse).raw_decode
"""Reads all that is JSON by its grammar, up to its own limit of nesting; the value of a number does not matter here."""


def _element(text: str, begin: int, error: ValueError) -> tuple[Any, int]:
    """The value that begins at `begin`, and where it ends; `error` is why the strict parser refused the whole."""
    try:
        value, end = _lenient(text, begin)
    except RecursionError:
        return Unreadable("it is nested too deeply", {}), _end_of_nested(text, begin, error)
    except ValueError:
        raise _malformed(error) from error
    try:
        return parse_json(text[begin:end].encode()), end
    except ValueError as problem:
        return Unreadable(str(problem), _attributes(value)), end


def _end_of_nested(text: str, begin: int, error: ValueError) -> int:
    depth = 0
    for number, token in enumerate(_brackets_and_texts(text, begin)):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
        if number == SCANNED:
            break
    raise _malformed(error)


def _attributes(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    texts = {name: value[name] for name in ATTRIBUTES if isinstance(value.get(name), str)}
    return {name: text for name, text in texts.items() if text.isprintable()}


def _decoded(body: bytes, error: ValueError) -> str:
    try:
        return body.removeprefix(BOM).decode()
    except UnicodeDecodeError:
        raise _malformed(error) from error


def _malformed(error: ValueError) -> RequestRefusedError:
    return RequestRefusedError(400, "Malformed JSON", f"the body is not JSON: {error}")

"""Why an event is not admitted: every code upstream can meet, and the exception for a request that cannot be read."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LONGEST_SHOWN = 64
"""Characters of a value that a detail repeats."""


class Code(StrEnum):
    """One code per reason; docs/sending-events.md explains each with its remedy."""

    NOT_AN_EVENT = "not_an_event"
    MISSING_ATTRIBUTE = "missing_attribute"
    EMPTY_ATTRIBUTE = "empty_attribute"
    INVALID_ATTRIBUTE = "invalid_attribute"
    ATTRIBUTE_TOO_LONG = "attribute_too_long"
    UNSUPPORTED_SPECVERSION = "unsupported_specversion"
    UNKNOWN_SOURCE = "unknown_source"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_UNIT = "unknown_unit"
    UNIT_NOT_VALID = "unit_not_valid"
    INVALID_VALUE = "invalid_value"
    INVALID_DATA = "invalid_data"
    INVALID_TIME = "invalid_time"
    TIME_WITHOUT_OFFSET = "time_without_offset"
    TIME_IN_FUTURE = "time_in_future"
    TIME_BEFORE_PROJECT = "time_before_project"
    FORBIDDEN_SOURCE = "forbidden_source"
    FORBIDDEN_TYPE = "forbidden_type"
    FORBIDDEN_UNIT = "forbidden_unit"


FORBIDDEN = frozenset({Code.FORBIDDEN_SOURCE, Code.FORBIDDEN_TYPE, Code.FORBIDDEN_UNIT})


@dataclass(frozen=True, slots=True)
class Rejection:
    """One event that was refused: its place in the request, its id where it has one, and why."""

    index: int
    id: str | None
    code: Code
    detail: str


class NotAdmittedError(ValueError):
    """Raised by the rules of admission. `wording` names the attribute and the remedy; `{}` in it stands for `value`,
    what the event had there. The two are kept apart because `value` may hold the subject.
    """

    def __init__(self, code: Code, wording: str, value: Any = None) -> None:
        super().__init__(code)
        self.code = code
        self._wording = wording
        self._value = value

    def detail(self, conceal: Callable[[Any], Any] = lambda value: value) -> str:
        """The reason in words; `conceal` may replace the value before any of it is shown."""
        return self._wording.replace("{}", _shown(conceal(self._value)), 1)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return repr(text[:LONGEST_SHOWN])


class ProblemError(Exception):
    """A whole request that is refused: becomes an RFC 9457 problem with this status."""

    def __init__(self, status: int, title: str, detail: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.retry_after = retry_after

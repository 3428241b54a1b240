"""Rejections: every code upstream can meet, and the errors for an event and for a whole request. Pure."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from shared.contracts.ingest import Code
from shared.domain.errors import PulseError

LONGEST_SHOWN = 64
"""Characters of a value that a detail repeats."""


ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "recordedtime")
"""The attributes of an event that this project reads, beside its data."""

_attribute = re.compile(rf"(?:{'|'.join(ATTRIBUTES)}|data_base64|data(?:\.\w+)?)\b").match

FORBIDDEN = frozenset({Code.FORBIDDEN_SOURCE, Code.FORBIDDEN_TYPE, Code.FORBIDDEN_UNIT})


class NotAdmittedError(ValueError):
    """Raised by the rules of admission. `wording` names the attribute and the remedy; `{}` in it stands for `value`,
    what the event had there. The two are separate since `value` may hold the subject.
    """

    def __init__(self, code: Code, wording: str, value: Any = None) -> None:
        super().__init__(code)
        self.code = code
        self._wording = wording
        self._value = value

    @property
    def field(self) -> str | None:
        """The attribute at fault, as `subject` or `data.unit`; None where it is the event as a whole.

        Every wording that blames an attribute begins with its name.
        """
        named = _attribute(self._wording)
        return named[0] if named else None

    def detail(self, conceal: Callable[[Any], Any] = lambda value: value) -> str:
        """The reason in words; `conceal` may replace the value before any of it is shown."""
        return self._wording.replace("{}", _shown(conceal(self._value)), 1)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return repr(text[:LONGEST_SHOWN])


class RequestRefusedError(PulseError):
    """A request that is refused as a whole, with the status and title of its problem."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        retry_after: int | None = None,
        headers: Mapping[str, str] = PulseError.headers,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.retry_after = retry_after
        self.headers = headers


class EventRejectedError(PulseError):
    """The one event of a request was not admitted; `members` of the problem are the code, the attribute and the id."""

    status = 422
    title = "Event rejected"

    def __init__(self, problem: NotAdmittedError, event_id: str | None) -> None:
        super().__init__(problem.detail())
        self.members = {"code": problem.code, "field": problem.field, "id": event_id}

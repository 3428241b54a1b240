"""Rejections: every code upstream can meet, and the errors for an event and for a whole request. Pure."""

import json
from collections.abc import Callable
from typing import Any

from shared.contracts.ingest import Code
from shared.domain.errors import PulseError

LONGEST_SHOWN = 64
"""Characters of a value that a detail repeats."""


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

    def detail(self, conceal: Callable[[Any], Any] = lambda value: value) -> str:
        """The reason in words; `conceal` may replace the value before any of it is shown."""
        return self._wording.replace("{}", _shown(conceal(self._value)), 1)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return repr(text[:LONGEST_SHOWN])


class RequestRefusedError(PulseError):
    """A request that is refused as a whole, with the status and title of its problem."""

    def __init__(self, status: int, title: str, detail: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.retry_after = retry_after

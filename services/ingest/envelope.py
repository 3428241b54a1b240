"""The CloudEvents 1.0 envelope: one pydantic model, and what its errors mean to the one who sent the event."""

import re
from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from services.ingest.rejections import Code, NotAdmittedError

DATE_TIME = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?"
RFC3339 = rf"^{DATE_TIME}([Zz]|[+-]\d\d:\d\d)$"
MAX_LENGTH = 1024

Attribute = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LENGTH)]


@with_config(ConfigDict(extra="ignore", strict=True))
class Envelope(TypedDict):
    """The attributes this project reads; extension attributes are allowed and ignored, as the specification asks."""

    specversion: Literal["1.0"]
    id: Attribute
    source: Attribute
    type: Attribute
    subject: Attribute
    time: Annotated[str, StringConstraints(pattern=RFC3339, max_length=64)]
    datacontenttype: NotRequired[str | None]
    data: NotRequired[Any]
    data_base64: NotRequired[str]


ENVELOPE = TypeAdapter(Envelope)
ENVELOPES = TypeAdapter(list[Envelope])

_without_offset = re.compile(DATE_TIME).fullmatch

_CODES = {
    "missing": (Code.MISSING_ATTRIBUTE, "{name} is missing: every event must carry it"),
    "string_too_short": (Code.EMPTY_ATTRIBUTE, "{name} is empty: give it a value"),
    "string_too_long": (Code.ATTRIBUTE_TOO_LONG, f"{{name}} is longer than {MAX_LENGTH} characters: shorten it"),
    "literal_error": (Code.UNSUPPORTED_SPECVERSION, 'specversion must be "1.0"'),
    "string_type": (Code.INVALID_ATTRIBUTE, "{name} must be a string"),
}


def validate_event(raw: Any) -> Envelope:
    """`raw`, a parsed JSON value, as an envelope.

    Raises:
        NotAdmittedError: names the first attribute that is wrong, and the remedy.
    """
    try:
        return ENVELOPE.validate_python(raw)
    except ValidationError as error:
        raise _explained(error, raw) from error


def _explained(error: ValidationError, raw: Any) -> NotAdmittedError:
    problem = error.errors(include_url=False)[0]
    if not problem["loc"]:
        return NotAdmittedError(Code.NOT_AN_EVENT, "an event must be a JSON object with string attribute names")
    name = str(problem["loc"][0])
    if problem["type"] == "missing" or name != "time":
        code, template = _CODES.get(problem["type"], (Code.INVALID_ATTRIBUTE, f"{{name}}: {problem['msg']}"))
        return NotAdmittedError(code, template.format(name=name))
    return _explained_time(raw["time"])


def _explained_time(time: Any) -> NotAdmittedError:
    if time == "":
        return NotAdmittedError(Code.EMPTY_ATTRIBUTE, "time is empty: give it a value")
    if isinstance(time, str) and _without_offset(time):
        return NotAdmittedError(
            Code.TIME_WITHOUT_OFFSET, f"time {time!r} has no offset from UTC: append Z or +07:00, as it applies"
        )
    return NotAdmittedError(
        Code.INVALID_TIME, f"time {str(time)[:64]!r} is not RFC 3339: write it like 2023-06-30T08:15:00+07:00"
    )

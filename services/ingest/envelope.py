"""The CloudEvents 1.0 envelope: one pydantic model, and what its errors mean to the one who sent the event.

A TypedDict, not a BaseModel: docs/decisions/0006-envelope.md says what that saves.
"""

import re
from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from services.ingest.rejections import NotAdmittedError
from shared.contracts.ingest import Code
from shared.domain.identifiers import forbidden_character, one_form

DATE_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
OFFSET = r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
RFC3339 = rf"^{DATE_TIME}{OFFSET}$"
MAX_LENGTH = 1024
TIMES = frozenset({"time", "recordedtime"})

AttributeText = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LENGTH)]
Timestamp = Annotated[str, StringConstraints(pattern=RFC3339, max_length=64)]


@with_config(ConfigDict(extra="ignore", strict=True))
class Envelope(TypedDict):
    """The attributes this project reads; other extension attributes are allowed and ignored, as the specification asks.

    `recordedtime`: https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/recordedtime.md
    """

    specversion: Literal["1.0"]
    id: AttributeText
    source: AttributeText
    type: AttributeText
    subject: AttributeText
    time: Timestamp
    recordedtime: NotRequired[Timestamp | None]
    datacontenttype: NotRequired[str | None]
    data: NotRequired[Any]
    data_base64: NotRequired[str | None]


ENVELOPE = TypeAdapter(Envelope)
ENVELOPES = TypeAdapter(list[Envelope])

_without_offset = re.compile(DATE_TIME).fullmatch
_date_and_time = re.compile(rf"{DATE_TIME}{OFFSET}?").fullmatch
_ten_digits_of_a_second = re.compile(r"\.[0-9]{10}").search

_WORDINGS = {
    "string_too_long": (Code.ATTRIBUTE_TOO_LONG, f"{{name}} is longer than {MAX_LENGTH} characters: shorten it"),
    "literal_error": (Code.UNSUPPORTED_SPECVERSION, 'specversion must be "1.0"'),
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


def is_date_and_time(text: str) -> bool:
    """Whether `text` has the form of a date and time, with an offset or none, and at most nine digits of a second."""
    return _date_and_time(text) is not None and _ten_digits_of_a_second(text) is None


def check_characters(event: Envelope) -> None:
    """Refuse an id or subject that CloudEvents does not allow as a string, or that shows nothing.

    Source and type need no look: the catalogue names those that are known.

    Raises:
        NotAdmittedError: names the attribute and the character.
    """
    for name, text in (("id", event["id"]), ("subject", event["subject"])):
        if text.isascii() and text.isprintable() and not text.isspace():
            continue
        character = forbidden_character(text)
        if character is not None:
            wording = f"{name} holds the character {character}, which no CloudEvents string may: leave it out"
            raise NotAdmittedError(Code.INVALID_ATTRIBUTE, wording)
        if not one_form(text):
            wording = f"{name} holds nothing but spaces or invisible characters: give it a value"
            raise NotAdmittedError(Code.INVALID_ATTRIBUTE, wording)


def _explained(error: ValidationError, raw: Any) -> NotAdmittedError:
    """An attribute that is null counts as left out, as section 2.2 of the JSON format asks."""
    problem = error.errors(include_url=False, include_context=False)[0]
    if not problem["loc"]:
        return NotAdmittedError(Code.NOT_AN_EVENT, "an event must be a JSON object")
    name = str(problem["loc"][0])
    value = raw.get(name)
    if value is None:
        return NotAdmittedError(Code.MISSING_ATTRIBUTE, f"{name} is missing: every event must carry it")
    if value == "":
        return NotAdmittedError(Code.EMPTY_ATTRIBUTE, f"{name} is empty: give it a value")
    if not isinstance(value, str):
        return NotAdmittedError(Code.INVALID_ATTRIBUTE, f"{name} must be a string")
    if name in TIMES:
        return _explained_time(name, value)
    code, wording = _WORDINGS[problem["type"]]
    return NotAdmittedError(code, wording.format(name=name))


def _explained_time(name: str, time: str) -> NotAdmittedError:
    if _without_offset(time):
        wording = f"{name} {{}} has no offset from UTC: append Z or +07:00, as it applies"
        return NotAdmittedError(Code.TIME_WITHOUT_OFFSET, wording, time)
    wording = f"{name} {{}} is not RFC 3339: write it like 2023-06-30T08:15:00+07:00"
    return NotAdmittedError(Code.INVALID_TIME, wording, time)

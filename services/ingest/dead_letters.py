"""Dead letters: what is stored of a rejected event, and whether it can be admitted later. Pure.

The event's subject is replaced by its pseudonym wherever it stands in the event.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from typing_extensions import TypedDict

from services.ingest.admission import Admission, LoggedEvent
from services.ingest.auth import KeyRing
from services.ingest.envelope import validate_event
from services.ingest.http_binding import decode_base64
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.rejections import NotAdmittedError
from shared.contracts.ingest import Code

PSEUDONYM = "pseudonym:"
WITHHELD = "withheld"
WITHHELD_DATA = {"withheld": "the data could not be read"}
SHORTEST_REPLACED_SUBJECT = 6
"""A shorter subject is replaced where it stands alone only: replacing every "1" would garble the event."""


FINAL = frozenset({Code.NOT_AN_EVENT, Code.ATTRIBUTE_TOO_LONG})
"""Codes that no change of catalogue, keys or clock resolves (a pseudonym has lost the subject's length)."""


class DeadLetter(NamedTuple):
    """A rejected event: its id in the stream, when it came (RFC 3339), the name of the key it came with, the code and
    detail of its rejection, and its JSON with the subject replaced by its pseudonym, `null` where none is stored.
    """

    id: str
    received: str
    key: str
    code: str
    detail: str
    event: str

    @property
    def content(self) -> Any:
        """The event, or whatever JSON value was sent; None where that is not stored."""
        try:
            return json.loads(self.event)
        except ValueError:
            return None


class DeadLetterRecord(TypedDict):
    """What a `deadletters` entry holds: `event` is JSON, `received` RFC 3339, `key` the name of the sender's key."""

    code: str
    detail: str
    event: str
    received: str
    key: str


def dead_letter_record(
    problem: NotAdmittedError, raw: Any, pseudonymise: Pseudonymiser, received: str, key: str
) -> DeadLetterRecord:
    """The record of the rejected event `raw`, without its subject; in time and size linear in that of `raw`."""
    conceal, event = _concealed(raw, pseudonymise)
    return DeadLetterRecord(
        code=problem.code,
        detail=problem.detail(conceal),
        event=json.dumps(event, ensure_ascii=False),
        received=received,
        key=key,
    )


def _concealed(raw: Any, pseudonymise: Pseudonymiser) -> tuple[Callable[[Any], Any], Any]:
    """What conceals the subject in other values, and what is stored of the event.

    What is no JSON object has no subject to replace, and a subject that is no string could stand anywhere in any part
    of it, so nothing of either is stored.
    """
    subject = raw.get("subject", "") if isinstance(raw, dict) else False
    if not isinstance(subject, str | None):
        return (lambda _: WITHHELD), None
    event = dict(raw)
    if event.pop("data_base64", None) is not None:
        event["data"] = _readable(raw["data_base64"])
    if not subject:
        return (lambda value: value), event
    redact = Redaction(subject, pseudonymise)
    return redact.value, redact.value(event)


class Redaction:
    """Replaces a subject by its pseudonym wherever it turns up."""

    def __init__(self, subject: str, pseudonymise: Pseudonymiser) -> None:
        self._subject = subject
        self._pseudonym = PSEUDONYM + pseudonymise(subject).hex()

    def text(self, text: str) -> str:
        """`text` without the subject."""
        if text == self._subject:
            return self._pseudonym
        if len(self._subject) >= SHORTEST_REPLACED_SUBJECT:
            return text.replace(self._subject, self._pseudonym)
        return text

    def value(self, value: Any) -> Any:
        """A JSON value without the subject in any name, text or number."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(name): self.value(item) for name, item in value.items()}
        if isinstance(value, int | float) and not isinstance(value, bool):
            text = json.dumps(value)
            concealed = self.text(text)
            return value if concealed == text else concealed
        return value


def _readable(data_base64: Any) -> Any:
    """Base64 would hide a subject from the redaction, so its decoded content is stored instead."""
    try:
        return decode_base64(data_base64)
    except NotAdmittedError:
        return WITHHELD_DATA


def pseudonym_in(subject: Any) -> bytes | None:
    """The pseudonym a dead letter carries as its subject, None where `subject` is not one."""
    if not isinstance(subject, str) or not subject.startswith(PSEUDONYM):
        return None
    return bytes.fromhex(subject.removeprefix(PSEUDONYM))


def readmitted(dead_letter: DeadLetter, admission: Admission, keys: KeyRing, latest: int) -> LoggedEvent:
    """The logged event in `dead_letter`, the same as if admitted at first; `latest` as for `Admission.admit`.

    Raises:
        NotAdmittedError: why it must stay in the queue.
    """
    if dead_letter.code in FINAL:
        raise NotAdmittedError(Code(dead_letter.code), dead_letter.detail)
    if dead_letter.content is None:
        raise NotAdmittedError(Code.NOT_AN_EVENT, "nothing of the event is stored: correct it and send it again")
    key = keys.named(dead_letter.key)
    if key is None:
        raise NotAdmittedError(Code.FORBIDDEN_SOURCE, "key {} is no longer in the keys file", dead_letter.key)
    event = validate_event(dead_letter.content)
    entity = pseudonym_in(event["subject"])
    if entity is None:
        raise NotAdmittedError(Code.INVALID_ATTRIBUTE, "subject is not a pseudonym: it cannot be counted")
    return LoggedEvent(admission.admit(event, key, latest), entity)

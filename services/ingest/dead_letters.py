"""Dead letters: what is stored of a rejected event, and whether it can be admitted later. Pure."""

import json
import math
from typing import Any, NamedTuple

from typing_extensions import TypedDict

from services.ingest.admission import Admission, LoggedEvent
from services.ingest.dead_letter_content import DIGEST, PSEUDONYM, ContentFilter
from services.ingest.envelope import validate_event
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.rejections import NotAdmittedError
from shared.contracts.ingest import Code
from shared.http.keys import Keys
from shared.log.codec import DIGEST_BYTES

FINAL = frozenset({Code.NOT_AN_EVENT, Code.UNREADABLE_EVENT, Code.ATTRIBUTE_TOO_LONG, Code.INVALID_ATTRIBUTE})
"""Codes that no change of catalogue, keys or clock resolves (a pseudonym has lost the subject's length and letters)."""


class DeadLetter(NamedTuple):
    """A rejected event: its id in the stream, when it came (RFC 3339), the name of the key it came with, the code and
    detail of its rejection, as JSON what is kept of the event, and how often an equal one came.
    """

    id: str
    received: str
    key: str
    code: str
    detail: str
    event: str
    times: int = 1

    @property
    def content(self) -> Any:
        """What is kept of the event, in values that are JSON; None where nothing is."""
        try:
            return json.loads(self.event, parse_float=_finite, parse_constant=str)
        except ValueError:
            return None


def _finite(number: str) -> float | str:
    """Releases up to 0.1 kept numbers such as 1e999, which are JSON but not of Python."""
    return float(number) if math.isfinite(float(number)) else number


class DeadLetterRecord(TypedDict):
    """What a `deadletters` entry holds: `event` is JSON, `received` RFC 3339, `key` the name of the sender's key."""

    code: str
    detail: str
    event: str
    received: str
    key: str


def dead_letter_record(
    problem: NotAdmittedError, raw: Any, contents: ContentFilter, received: str, key: str
) -> DeadLetterRecord:
    """The record of the rejected event `raw`."""
    content = contents.filter(raw)
    return DeadLetterRecord(
        code=problem.code,
        detail=problem.detail(content.conceal),
        event=json.dumps(content.event, ensure_ascii=False),
        received=received,
        key=key,
    )


def pseudonym_in(subject: Any) -> bytes | None:
    """The pseudonym a dead letter carries as its subject, None where `subject` is not one."""
    if not isinstance(subject, str) or not subject.startswith(PSEUDONYM):
        return None
    return bytes.fromhex(subject.removeprefix(PSEUDONYM))


def _digest_in(event_id: str, pseudonymise: Pseudonymiser) -> bytes:
    """The digest a dead letter carries as its id; of one that an earlier release stored with its id, that id's."""
    try:
        digest = bytes.fromhex(event_id.removeprefix(DIGEST))
    except ValueError:
        digest = b""
    stored = event_id.startswith(DIGEST) and len(digest) == DIGEST_BYTES
    return digest if stored else pseudonymise.digest_of_id(event_id)


def readmitted(
    dead_letter: DeadLetter, admission: Admission, keys: Keys, pseudonymise: Pseudonymiser, latest: int
) -> LoggedEvent:
    """The logged event in `dead_letter`, the same as if admitted at first; `latest` as for `Admission.admit`.

    Raises:
        NotAdmittedError: why it must stay in the queue.
    """
    if dead_letter.code in FINAL:
        raise NotAdmittedError(Code(dead_letter.code), dead_letter.detail)
    key = keys.named(dead_letter.key)
    if key is None:
        raise NotAdmittedError(Code.FORBIDDEN_SOURCE, "key {} is no longer in the keys file", dead_letter.key)
    event = validate_event(dead_letter.content)
    entity = pseudonym_in(event["subject"])
    if entity is None:
        raise NotAdmittedError(Code.INVALID_ATTRIBUTE, "subject is not a pseudonym: it cannot be counted")
    admitted = admission.admit(event, key, latest)
    return LoggedEvent(admitted, entity, _digest_in(event["id"], pseudonymise), key.logged)

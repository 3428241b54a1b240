"""Whether a dead letter can be admitted now: under today's catalogue and keys, with the pseudonym it carries. Pure."""

from services.ingest.admission import Admission, Fact
from services.ingest.auth import KeyRing
from services.ingest.dead_letters import DeadLetter, pseudonym_in
from services.ingest.envelope import validate_event
from services.ingest.rejections import Code, NotAdmittedError

FINAL = frozenset({Code.NOT_AN_EVENT, Code.ATTRIBUTE_TOO_LONG})
"""No catalogue, key or clock changes these; and a subject that was too long is no longer, as a pseudonym."""


def readmitted(letter: DeadLetter, admission: Admission, keys: KeyRing, latest: int) -> Fact:
    """The fact in `letter`, the same as if its event had been admitted at first; `latest` as for `Admission.admit`.

    Raises:
        NotAdmittedError: why it must stay where it is.
    """
    if letter.code in FINAL:
        raise NotAdmittedError(Code(letter.code), letter.detail)
    key = keys.named(letter.key)
    if key is None:
        raise NotAdmittedError(Code.FORBIDDEN_SOURCE, "key {} is no longer in the keys file", letter.key)
    event = validate_event(letter.content)
    entity = pseudonym_in(event["subject"])
    if entity is None:
        raise NotAdmittedError(Code.INVALID_ATTRIBUTE, "subject is not a pseudonym: it cannot be counted")
    return Fact(admission.admit(event, key, latest), entity)

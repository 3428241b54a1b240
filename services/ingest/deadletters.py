"""What is kept of a rejected event: why, and its content with the subject replaced by its pseudonym. Pure."""

import json
from typing import Any

from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.rejections import Rejection

PSEUDONYM = "pseudonym:"
WITHHELD = {"withheld": "the subject was not a string"}
SHORTEST_TELLING_SUBJECT = 6
"""A shorter subject is replaced where it stands alone only: replacing every "1" would garble the event."""


def letter(rejection: Rejection, raw: Any, pseudonymise: Pseudonymiser, received: str, key: str) -> dict[str, str]:
    """The fields of a `deadletters` entry; `received` is when (RFC 3339), `key` who sent it."""
    return {
        "code": rejection.code,
        "detail": redact(rejection.detail, _subject(raw), pseudonymise),
        "event": json.dumps(_without_subject(raw, pseudonymise), ensure_ascii=False),
        "received": received,
        "key": key,
    }


def redact(text: str, subject: str | None, pseudonymise: Pseudonymiser) -> str:
    """`text` with every occurrence of `subject` replaced by its pseudonym."""
    if not subject:
        return text
    if text == subject or (len(subject) >= SHORTEST_TELLING_SUBJECT and subject in text):
        return text.replace(subject, PSEUDONYM + pseudonymise(subject).hex())
    return text


def _subject(raw: Any) -> str | None:
    subject = raw.get("subject") if isinstance(raw, dict) else None
    return subject if isinstance(subject, str) else None


def _without_subject(raw: Any, pseudonymise: Pseudonymiser) -> Any:
    """Something that is not an event has no subject to replace, so nothing of it is kept."""
    if not isinstance(raw, dict):
        return None
    event = _redacted(raw, _subject(raw), pseudonymise)
    if not isinstance(event.get("subject", ""), str):
        event["subject"] = WITHHELD
    return event


def _redacted(value: Any, subject: str | None, pseudonymise: Pseudonymiser) -> Any:
    if isinstance(value, str):
        return redact(value, subject, pseudonymise)
    if isinstance(value, list):
        return [_redacted(item, subject, pseudonymise) for item in value]
    if isinstance(value, dict):
        return {
            redact(str(name), subject, pseudonymise): _redacted(item, subject, pseudonymise)
            for name, item in value.items()
        }
    return value


def pseudonym_in(subject: str) -> bytes | None:
    """The pseudonym a dead letter carries as its subject, None where `subject` is not one."""
    if not subject.startswith(PSEUDONYM):
        return None
    return bytes.fromhex(subject.removeprefix(PSEUDONYM))

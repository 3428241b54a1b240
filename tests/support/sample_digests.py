"""The digests of the sample flags, and how to read one back."""

import datetime as dt
import email
import email.policy
from email.message import EmailMessage

from services.notifier.digests.digest import overview, unit_digest
from services.notifier.digests.renderer import DigestRenderer, DigestSettings
from services.notifier.outbox.messages import Message
from shared.domain.catalogue import Unit
from shared.domain.formatting import Lang
from tests.support.sample_flags import DAY, FLAGS, NOW, ROWS, VERDICTS, catalogue, july

CATALOGUE = catalogue()
SETTINGS = DigestSettings(
    base_url="https://pulse.example.vn/",
    domain="dean5299.example.vn",
    sender="pulse@dean5299.example.vn",
    office="office@dean5299.example.vn",
)
DIGESTS = DigestRenderer(CATALOGUE, SETTINGS)
PHU_MY = CATALOGUE.unit_by_code["phu-my"]


def digest_to(unit: Unit = PHU_MY, lang: Lang = "vi", now: dt.datetime = NOW) -> Message:
    unit = unit.model_copy(update={"language": lang})
    digest = unit_digest(unit, FLAGS, VERDICTS, july(21), DAY)
    assert digest is not None
    message = DIGESTS.digest(digest, ROWS, now)
    assert message is not None
    return message


def overview_in(lang: Lang, digests: DigestRenderer = DIGESTS) -> Message:
    seen = overview(CATALOGUE.units, FLAGS, VERDICTS, july(21), DAY)
    assert seen is not None
    return digests.overview(seen, ROWS, lang, NOW)


def parsed(message: Message) -> EmailMessage:
    mail = email.message_from_bytes(message.body, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


def part(message: Message, kind: str) -> str:
    body = parsed(message).get_body((kind,))
    assert isinstance(body, EmailMessage)
    content = body.get_content()
    assert isinstance(content, str)
    return content

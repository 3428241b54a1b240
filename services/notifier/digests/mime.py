"""A mail as the bytes that leave: plain text and HTML side by side. Pure: same mail, same bytes."""

import datetime as dt
import email.errors
import hashlib
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from shared.domain.clock import LOCAL
from shared.runtime.settings import SettingsError


class AddressError(SettingsError):
    """An address cannot stand in a header; the message names it and the remedy."""


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """What a reader gets. `subject` is one line; `html` has its styles inlined."""

    subject: str
    text: str
    html: str
    language: str


def compose(mail: RenderedMail, message_id: str, sender: Address, to: Address, now: dt.datetime) -> bytes:
    """The mail as RFC 5322 with CRLF lines, marked as automatic (RFC 3834), safe for 7-bit servers.

    The boundary comes from the Message-ID, as the library would draw a random one.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now.astimezone(LOCAL))
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = mail.language
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    message.set_boundary("=_" + hashlib.sha256(message_id.encode()).hexdigest()[:32])
    return message.as_bytes()


def address(name: str, addr_spec: str) -> Address:
    """`name` <`addr_spec`> for a header.

    Raises:
        AddressError: `addr_spec` is not one plain address of printable ASCII.
    """
    plain = addr_spec.isascii() and addr_spec.isprintable() and " " not in addr_spec
    try:
        if plain:
            return Address(display_name=name, addr_spec=addr_spec)
    except (ValueError, IndexError, email.errors.HeaderParseError) as error:
        reason = str(error)
    else:
        reason = "it has spaces, control characters or characters outside ASCII"
    raise AddressError(f"{addr_spec!r} is no mail address ({reason}): correct it in the catalogue or the settings")

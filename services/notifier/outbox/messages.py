"""What the notifier sends: a message for one channel, a mail's bytes, and the two ways an attempt can fail."""

import datetime as dt
import email.errors
import hashlib
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal, Protocol

from shared.domain.clock import LOCAL
from shared.runtime.settings import SettingsError

Channel = Literal["mail", "webhook", "alertmanager"]
MessageState = Literal["PENDING", "SENT", "DEAD"]


PLAIN, ENCODED = 74, 76
"""Characters of a header's line: plain text below the first, encoded words within the second (RFC 2047, section 2)."""


class TransientDeliveryError(Exception):
    """The attempt failed, a later one may not: a server that is away, busy, or set up wrongly."""


class DeliverySettingsError(TransientDeliveryError):
    """The receiver refuses us, not this message: every message fails like it until an operator changes a setting."""


class PermanentDeliveryError(Exception):
    """The receiver rejected this message for good; sending the same bytes again would change nothing."""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to send, as a snapshot: `body` is what leaves, byte for byte, whenever it leaves.

    `key` is deterministic (`digest:phu-my:2023-07-21`) and names one message only. `to` is the mail
    address; it is empty for the other channels, whose addresses are settings.
    """

    key: str
    channel: Channel
    body: bytes
    to: str = ""


class ChannelSender(Protocol):
    """One attempt on one channel."""

    async def send(self, message: Message) -> str:
        """Send `message` and return the receiver's answer that accepts it.

        Raises:
            TransientDeliveryError: try again later; DeliverySettingsError, once a setting has been changed.
            PermanentDeliveryError: never try these bytes again.
        """


class AddressError(SettingsError):
    """An address cannot stand in a header; the message names it and the remedy."""


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """What a reader gets. `subject` is one line; `html` has its styles inlined."""

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Correspondents:
    """Who writes to whom, and where an answer goes if not to who writes."""

    sender: Address
    to: Address
    reply_to: Address | None = None


def compose(mail: RenderedMail, message_id: str, between: Correspondents, now: dt.datetime) -> bytes:
    """The mail as RFC 5322 with CRLF lines, marked as automatic (RFC 3834), safe for 7-bit servers.

    The boundary comes from the Message-ID, as the library would draw a random one.
    """
    reply_to = {"Reply-To": _mailbox("Reply-To", between.reply_to)} if between.reply_to else {}
    headers = {
        "From": _mailbox("From", between.sender),
        **reply_to,
        "To": _mailbox("To", between.to),
        "Subject": encoded_text("Subject", mail.subject),
        "Date": format_datetime(now.astimezone(LOCAL)),
        "Message-ID": message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": mail.language,
    }
    body = EmailMessage(policy=SMTP)
    body.set_content(mail.text, cte="quoted-printable")
    body.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    body.set_boundary("=_" + hashlib.sha256(message_id.encode()).hexdigest()[:32])
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode("ascii") + body.as_bytes()


def encoded_text(name: str, text: str) -> str:
    """The value of the header `name`: ASCII as it is where it fits a line, anything else as one run of RFC 2047 words.

    The library's own folding of structured headers loses spaces between encoded and plain words (Python 3.11).
    """
    if text.isascii() and text.isprintable() and len(name) + len(text) < PLAIN and "=?" not in text:
        return text
    return Header(text, "utf-8", maxlinelen=ENCODED, header_name=name).encode(linesep="\r\n")


def _mailbox(name: str, of: Address) -> str:
    """An address with its display name: quoted (RFC 5322) where it is ASCII, else encoded."""
    if not of.display_name:
        return of.addr_spec
    shown = encoded_text(name, of.display_name)
    if shown == of.display_name:
        shown = quoted(shown)
    last_line = f"{name}: {shown}".rpartition("\n")[2]
    separator = " " if len(last_line) + len(of.addr_spec) < PLAIN else "\r\n "
    return f"{shown}{separator}<{of.addr_spec}>"


def quoted(text: str) -> str:
    """A quoted-string of RFC 5322."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


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

"""One attempt to hand a mail to a mail server, and what its answer means.

A mail is sent only when the server answers the end of DATA with 250 (RFC 5321 section 4.2.5: from then on
it is the server's). Replies starting with 4 and everything that breaks on the way are transient. Replies
starting with 5 to the greeting, STARTTLS, AUTH or MAIL FROM speak of the sender: they would refuse every mail until an
operator acts, so these are tried again, and told apart (`DeliverySettingsError`). Of a 5 to RCPT or DATA the enhanced
code (RFC 3463) says whether it speaks of the recipient or this mail, and without one the reply code.
"""

import contextlib
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiosmtplib

from services.notifier.outbox.messages import (
    DeliverySettingsError,
    Message,
    PermanentDeliveryError,
    TransientDeliveryError,
)
from shared.runtime.settings import SettingsError, read_secret

PERMANENT = 500
TOO_LARGE = 552

ENHANCED = re.compile(r"\b5\.(\d{1,3})\.(\d{1,3})\b")

ABOUT_MAIL = re.compile(r"5\.(1\.(?![78]$)\d+|2\.[12]|3\.4|6\.\d+)")
"""The reader's address (5.1.x but 5.1.7 and 5.1.8, the sender's), the mailbox disabled or full (5.2.1, 5.2.2), the
size (5.3.4), the content (5.6.x)."""

CODES_ABOUT_MAIL = frozenset({550, 551, TOO_LARGE, 553})
"""Without an enhanced code: no such mailbox, not local, too large, no valid name (RFC 5321, section 4.2.3)."""
QUIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes and as whom. `security`: plain, STARTTLS, or TLS from the first byte; never
    opportunistic.

    `seconds` bounds the connection and each single reply. `helo` is the name given in EHLO. `sender` is the
    envelope's MAIL FROM, where bounces go.
    """

    host: str
    port: int
    sender: str
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    helo: str | None = None
    seconds: float = 15.0


def check_files(server: MailServer) -> None:
    """Refuse files that no mail could be sent with.

    Raises:
        SettingsError: the password or the certificates cannot be read, or there is an account without a password.
    """
    if server.username is not None and server.password_file is None:
        raise SettingsError("PULSE_SMTP_PASSWORD_FILE: PULSE_SMTP_USERNAME needs the file with its password")
    if server.password_file is not None:
        read_secret(server.password_file, "PULSE_SMTP_PASSWORD_FILE").decode()
    try:
        _tls_context(server.ca_file)
    except OSError as error:
        raise SettingsError(f"PULSE_SMTP_CA_FILE: cannot use {server.ca_file}: {error.strerror or error}") from error


class Mailer:
    """Sends messages of the channel `mail`; a connection for each, since a day has about twenty."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def send(self, message: Message) -> str:
        """Send one mail and return the server's answer to it, as `ChannelSender` has it."""
        client = await self._connected()
        try:
            _, answer = await client.sendmail(self._server.sender, [message.to], message.body)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _delivery_error(error) from error
        except ValueError as error:
            raise PermanentDeliveryError(f"{message.to!r} is no mail address: correct the catalogue") from error
        else:
            await _quit(client)
            return f"250 {answer}"
        finally:
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        server = self._server
        try:
            client = aiosmtplib.SMTP(
                hostname=server.host,
                port=server.port,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                tls_context=_tls_context(server.ca_file) if server.security != "none" else None,
                username=server.username,
                password=_secret(server.password_file),
                timeout=server.seconds,
                local_hostname=server.helo,
            )
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            where = f"{server.host}:{server.port}"
            kind = DeliverySettingsError if _code(error) >= PERMANENT else TransientDeliveryError
            raise kind(f"no session with the mail server {where}: {_reply_text(error)}") from error
        return client


async def _quit(client: aiosmtplib.SMTP) -> None:
    """Send QUIT; the mail is the server's already, so errors do not matter."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=QUIT_SECONDS)


def _delivery_error(error: Exception) -> TransientDeliveryError | PermanentDeliveryError:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return _delivery_error(error.recipients[0])
    if not isinstance(error, aiosmtplib.SMTPResponseException) or error.code < PERMANENT:
        return TransientDeliveryError(_reply_text(error))
    about_sender = isinstance(error, aiosmtplib.SMTPSenderRefused | aiosmtplib.SMTPHeloError)
    if error.code == TOO_LARGE or (not about_sender and _about_mail(error)):
        return PermanentDeliveryError(_reply_text(error))
    return DeliverySettingsError(_reply_text(error))


def _code(error: Exception) -> int:
    return error.code if isinstance(error, aiosmtplib.SMTPResponseException) else 0


def _about_mail(error: aiosmtplib.SMTPResponseException) -> bool:
    enhanced = ENHANCED.search(error.message)
    if enhanced is None:
        return error.code in CODES_ABOUT_MAIL
    return ABOUT_MAIL.fullmatch(enhanced[0]) is not None


def _reply_text(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return f"{type(error).__name__}: {error}"


def _secret(file: Path | None) -> str | None:
    return file.read_text(encoding="utf-8").strip() if file is not None else None


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca_file) if ca_file is not None else None)

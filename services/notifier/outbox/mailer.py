"""One attempt to hand a mail to a mail server, and what its answer means.

A mail is sent only when the server answers the end of DATA with 250 (RFC 5321 section 4.2.5: from then on
it is the server's). Replies starting with 4 and everything that breaks on the way are transient. Replies
starting with 5 are permanent when they concern this mail (RCPT, DATA), and a matter of settings when they
concern the sender (the greeting, STARTTLS, AUTH, MAIL FROM): they would refuse every mail until an operator acts,
so these too are transient.
"""

import contextlib
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiosmtplib

from services.notifier.outbox.messages import Message, PermanentDeliveryError, TransientDeliveryError

PERMANENT = 500
TOO_LARGE = 552
QUIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes and as whom. `security`: plain, STARTTLS, or TLS from the first byte; never
    opportunistic.

    `seconds` bounds the connection and each single reply. `sender` is the envelope's MAIL FROM, where bounces
    go.
    """

    host: str
    port: int
    sender: str
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    seconds: float = 15.0


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
            )
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            where = f"{server.host}:{server.port}"
            raise TransientDeliveryError(f"no session with the mail server {where}: {_reply_text(error)}") from error
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
    about_us = isinstance(error, aiosmtplib.SMTPSenderRefused | aiosmtplib.SMTPHeloError)
    if about_us and error.code != TOO_LARGE:
        return TransientDeliveryError(_reply_text(error))
    return PermanentDeliveryError(_reply_text(error))


def _reply_text(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return f"{type(error).__name__}: {error}"


def _secret(file: Path | None) -> str | None:
    return file.read_text(encoding="utf-8").strip() if file is not None else None


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca_file) if ca_file is not None else None)

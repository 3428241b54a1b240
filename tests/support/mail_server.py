"""A real SMTP server (aiosmtpd) in the test's own loop that can be told to misbehave at any step."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.programs import require_program

USER, PASSWORD = "pulse", "s3cret"


@dataclass
class Behaviour:
    """What the server says at each step; `None` is its usual answer. `accepted` is what it answered 250 to."""

    greeting: str | None = None
    mail: str | None = None
    rcpt: str | None = None
    data: str | None = None
    hang: bool = False
    kept: str | bytes = "250 2.0.0 Kept"
    cut_before_250: bool = False
    cut_after_250: bool = False
    port: int = 0
    accepted: list[bytes] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    greeted_as: str = ""
    bounces_to: str = ""
    on_data: Callable[[], None] | None = None

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.mail is not None:
            return self.mail
        envelope.mail_from = address
        self.bounces_to = address
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.rcpt is not None:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str | bytes:
        self.greeted_as = str(session.host_name)
        if self.on_data is not None:
            self.on_data()
        if self.hang:
            await asyncio.Event().wait()
        if self.data is not None:
            return self.data
        if self.cut_before_250:
            _cut(server)
            return "250 never seen"
        self.accepted.append(envelope.original_content or b"")
        if self.cut_after_250:
            asyncio.get_running_loop().call_soon(_cut, server)
        return self.kept


def _cut(server: SMTP) -> None:
    transport: Any = server.transport
    transport.abort()


class GreetingSMTP(SMTP):
    """aiosmtpd with a greeting of one's own."""

    def __init__(self, behaviour: Behaviour, **options: Any) -> None:
        super().__init__(behaviour, hostname="localhost", **options)
        self._behaviour = behaviour

    async def push(self, status: Any) -> None:
        if self._behaviour.greeting is not None and str(status).startswith("220 localhost"):
            status = self._behaviour.greeting
        await super().push(status)


@asynccontextmanager
async def running_mail_server(
    behaviour: Behaviour, tls: ssl.SSLContext | None = None, *, login: bool = False, port: int = 0
) -> AsyncIterator[int]:
    """Serve on 127.0.0.1; with `tls` STARTTLS is required, with `login` AUTH is."""

    def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: Any) -> AuthResult:
        behaviour.logins.append(data.login.decode())
        return AuthResult(success=data == LoginPassword(USER.encode(), PASSWORD.encode()), handled=False)

    options: dict[str, Any] = {"tls_context": tls, "require_starttls": tls is not None}
    if login:
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": tls is not None}
    loop = asyncio.get_running_loop()
    protocols: list[GreetingSMTP] = []

    def connection() -> GreetingSMTP:
        protocols.append(GreetingSMTP(behaviour, loop=loop, **options))
        return protocols[-1]

    server = await loop.create_server(connection, "127.0.0.1", port)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for protocol in protocols:
            if protocol.transport is not None:
                _cut(protocol)
        await server.wait_closed()


def self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server context for `localhost` and the file a client has to trust."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = [
        require_program("openssl"),
        "req",
        "-x509",
        "-nodes",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-days",
        "2",
    ]
    command += ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context, certificate

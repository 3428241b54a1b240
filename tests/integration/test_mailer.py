"""One attempt against a real SMTP server: what each answer means, with and without TLS and AUTH."""

import asyncio
import email
import ssl
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from services.notifier.app import senders_of
from services.notifier.outbox.mailer import Mailer, MailServer
from services.notifier.outbox.messages import (
    DeliverySettingsError,
    Message,
    PermanentDeliveryError,
    TransientDeliveryError,
)
from services.notifier.settings import NotifierSettings
from shared.domain.clock import system_clock
from tests.support.mail_server import PASSWORD, USER, Behaviour, running_mail_server, self_signed
from tests.support.programs import free_port
from tests.support.sample_digests import digest_to

MAIL = digest_to()


def server(port: int) -> MailServer:
    return MailServer("127.0.0.1", port, "pulse@dean5299.example.vn", security="none", seconds=5)


async def attempt(behaviour: Behaviour, message: Message = MAIL) -> str:
    async with running_mail_server(behaviour) as port:
        return await Mailer(server(port)).send(message)


async def test_the_server_gets_the_very_bytes() -> None:
    behaviour = Behaviour()
    assert await attempt(behaviour) == "250 2.0.0 Kept"
    assert behaviour.accepted == [MAIL.body]
    assert email.message_from_bytes(behaviour.accepted[0])["Message-ID"].startswith("<digest.phu-my.")


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Behaviour(greeting="421 too busy"), "421"),
        (Behaviour(mail="451 greylisted"), "451"),
        (Behaviour(rcpt="450 mailbox busy"), "450"),
        (Behaviour(data="452 disk full"), "452"),
        (Behaviour(cut_before_250=True), "Disconnected"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_not_now(behaviour: Behaviour, words: str) -> None:
    with pytest.raises(TransientDeliveryError, match=words) as caught:
        await attempt(behaviour)
    assert not isinstance(caught.value, DeliverySettingsError)
    assert behaviour.accepted == []


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Behaviour(greeting="554 go away"), "554"),
        (Behaviour(mail="550 we do not know this sender"), "550"),
        (Behaviour(rcpt="550 5.7.1 relaying denied"), "relaying"),
        (Behaviour(rcpt="550 5.1.8 bad sender's system"), "5.1.8"),
        (Behaviour(rcpt="530 5.7.0 authentication required"), "530"),
        (Behaviour(rcpt="504 5.5.2 need a full host name"), "504"),
        (Behaviour(rcpt="550 5.5.1 bad sequence"), "5.5.1"),
        (Behaviour(rcpt="550 5.4.1 no route"), "5.4.1"),
        (Behaviour(data="554 5.3.0 our own queue is broken"), "5.3.0"),
        (Behaviour(data="554 go away"), "554"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_not_before_a_setting_is_changed(behaviour: Behaviour, words: str) -> None:
    with pytest.raises(DeliverySettingsError, match=words):
        await attempt(behaviour)
    assert behaviour.accepted == []


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(rcpt="550 no such user"),
        Behaviour(rcpt="550 5.1.1 no such user"),
        Behaviour(rcpt="554 5.2.1 mailbox disabled"),
        Behaviour(rcpt="552 5.2.2 mailbox full"),
        Behaviour(data="554 5.6.0 content refused"),
        Behaviour(data="554 5.3.4 message too big"),
        Behaviour(mail="552 message too large"),
    ],
    ids=lambda behaviour: behaviour.rcpt or behaviour.data or behaviour.mail,
)
async def test_never(behaviour: Behaviour) -> None:
    with pytest.raises(PermanentDeliveryError, match="55"):
        await attempt(behaviour)
    assert behaviour.accepted == []


async def test_the_server_is_greeted_by_the_name_that_is_set() -> None:
    behaviour = Behaviour()
    async with running_mail_server(behaviour) as port:
        await Mailer(replace(server(port), helo="mail.example.vn")).send(MAIL)
    assert behaviour.greeted_as == "mail.example.vn"


async def test_what_cannot_be_delivered_returns_to_the_address_that_is_set() -> None:
    behaviour = Behaviour()
    async with running_mail_server(behaviour) as port:
        settings = NotifierSettings(
            smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_bounces="bounces@example.vn"
        )
        async with httpx.AsyncClient() as client:
            await senders_of(settings, client, system_clock)["mail"].send(MAIL)
    assert behaviour.bounces_to == "bounces@example.vn"


async def test_a_bad_address_is_never_tried_again() -> None:
    behaviour = Behaviour()
    with pytest.raises(PermanentDeliveryError, match="no mail address"):
        await attempt(behaviour, replace(MAIL, to="đoàn@example.vn"))
    assert behaviour.accepted == []


async def test_a_cut_after_the_250_is_a_success() -> None:
    behaviour = Behaviour(cut_after_250=True)
    assert (await attempt(behaviour)).startswith("250")
    assert len(behaviour.accepted) == 1


async def test_nobody_there() -> None:
    with pytest.raises(TransientDeliveryError, match=r"no session with the mail server 127\.0\.0\.1"):
        await Mailer(server(free_port())).send(MAIL)


async def test_a_server_that_never_speaks_does_not_hold_us() -> None:
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    gone = asyncio.Event()
    mute = await asyncio.start_server(silent, "127.0.0.1", 0)
    began = time.monotonic()
    with pytest.raises(TransientDeliveryError, match=r"imed out|Timeout"):
        await Mailer(replace(server(mute.sockets[0].getsockname()[1]), seconds=0.2)).send(MAIL)
    assert time.monotonic() - began < 5
    gone.set()
    mute.close()
    await mute.wait_closed()


async def test_a_server_that_stops_in_mid_mail_does_not_hold_us() -> None:
    behaviour = Behaviour(hang=True)
    began = time.monotonic()
    async with running_mail_server(behaviour) as port:
        with pytest.raises(TransientDeliveryError, match=r"imed out|Timeout"):
            await Mailer(replace(server(port), seconds=0.2)).send(MAIL)
    assert time.monotonic() - began < 5


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"))


def password_file(folder: Path, password: str) -> Path:
    file = folder / "password"
    file.write_text(password + "\n")
    return file


async def test_starttls_and_auth(certificate: tuple[ssl.SSLContext, Path], tmp_path: Path) -> None:
    context, ca_file = certificate
    behaviour = Behaviour()
    async with running_mail_server(behaviour, context, login=True) as port:
        settings = replace(server(port), security="starttls", ca_file=ca_file, username=USER)
        secret = password_file(tmp_path, PASSWORD)
        assert (await Mailer(replace(settings, password_file=secret)).send(MAIL)).startswith("250")
    assert behaviour.logins == [USER]
    assert behaviour.accepted == [MAIL.body]


async def test_a_wrong_password_is_a_matter_of_settings(
    certificate: tuple[ssl.SSLContext, Path], tmp_path: Path
) -> None:
    context, ca_file = certificate
    behaviour = Behaviour()
    async with running_mail_server(behaviour, context, login=True) as port:
        settings = replace(server(port), security="starttls", ca_file=ca_file, username=USER)
        wrong = replace(settings, password_file=password_file(tmp_path, "wrong"))
        with pytest.raises(DeliverySettingsError, match="535"):
            await Mailer(wrong).send(MAIL)
        with pytest.raises(TransientDeliveryError, match="No such file"):
            await Mailer(replace(settings, password_file=tmp_path / "absent")).send(MAIL)
    assert behaviour.accepted == []


async def test_a_mail_never_goes_out_in_the_clear_when_tls_is_wanted(
    certificate: tuple[ssl.SSLContext, Path],
) -> None:
    context, _ = certificate
    plain, distrusted = Behaviour(), Behaviour()
    async with running_mail_server(plain) as port:
        with pytest.raises(TransientDeliveryError):
            await Mailer(replace(server(port), security="starttls")).send(MAIL)
    async with running_mail_server(distrusted, context) as port:
        with pytest.raises(TransientDeliveryError, match=r"(?i)certificate"):
            await Mailer(replace(server(port), security="starttls")).send(MAIL)
    assert plain.accepted == distrusted.accepted == []

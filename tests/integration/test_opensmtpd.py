"""A digest through a mail server that people run: Debian's OpenSMTPD, relaying to the mailbox's server."""

import asyncio
import email
import email.policy
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from redis.asyncio import Redis

from services.notifier.outbox.delivery import Delivery
from services.notifier.outbox.mailer import Mailer, MailServer
from services.notifier.outbox.messages import Message
from services.notifier.outbox.outbox import MessageStatus, Outbox
from shared.domain.clock import system_clock
from tests.support.mail_server import Behaviour, running_mail_server
from tests.support.outcomes import Outcomes
from tests.support.programs import cannot_run, free_port, require_program
from tests.support.sample_digests import digest_to
from tests.support.waiting import eventually

CONFIGURATION = """
listen on 127.0.0.1 port {port} hostname localhost
action "on" relay host smtp://127.0.0.1:{next_port}
match from any for domain "dean5299.example.vn" action "on"
"""
# Its spool and control socket have fixed places; a mount namespace gives each test its own.
OWN_PLACES = "mount -t tmpfs -o mode=755 tmpfs /var/spool && mount -t tmpfs -o mode=755 tmpfs /run && exec"


@asynccontextmanager
async def opensmtpd(folder: Path, next_port: int) -> AsyncIterator[Mailer]:
    """OpenSMTPD that hands the province's mail to `next_port`; yields a mailer for it."""
    smtpd = require_program("smtpd")
    if os.geteuid() != 0:
        cannot_run("OpenSMTPD has to be started by root")
    port = free_port()
    file = folder / "smtpd.conf"
    file.write_text(CONFIGURATION.format(port=port, next_port=next_port))
    command = ["unshare", "--mount", "sh", "-c", f"{OWN_PLACES} {smtpd} -d -f {file}"]
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
        try:
            await eventually(lambda: _listens(port))
            yield Mailer(MailServer("127.0.0.1", port, "pulse@dean5299.example.vn", security="none"))
        finally:
            process.terminate()
            await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def delivered(outbox: Outbox, mailer: Mailer, message: Message) -> MessageStatus:
    await outbox.record(message)
    await Delivery(outbox, "mail", mailer, Outcomes()).deliver_one()
    entry = await outbox.entry(message.key)
    assert entry is not None
    return entry


async def test_a_digest_arrives_whole(valkey: Redis, tmp_path: Path) -> None:
    mailbox, message = Behaviour(), digest_to()
    async with running_mail_server(mailbox) as next_port, opensmtpd(tmp_path, next_port) as mailer:
        entry = await delivered(Outbox(valkey, system_clock), mailer, message)
        assert (entry.state, entry.note[:4]) == ("SENT", "250 ")

        async def arrived() -> bool:
            return bool(mailbox.accepted)

        await eventually(arrived)
    sent, got = (
        email.message_from_bytes(body, policy=email.policy.default) for body in (message.body, mailbox.accepted[0])
    )
    for header in ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"):
        assert got[header] == sent[header]
    assert [part.get_content() for part in got.iter_parts()] == [part.get_content() for part in sent.iter_parts()]


async def test_a_recipient_it_refuses_is_a_dead_message(valkey: Redis, tmp_path: Path) -> None:
    mailbox, outbox = Behaviour(), Outbox(valkey, system_clock)
    async with running_mail_server(mailbox) as next_port, opensmtpd(tmp_path, next_port) as mailer:
        entry = await delivered(outbox, mailer, replace(digest_to(), to="leader@elsewhere.example"))
    assert (entry.state, entry.note[:4]) == ("DEAD", "550 ")
    assert [dead.key for dead in await outbox.dead()] == [entry.key]

"""The delivery loop against real servers that fail."""

import asyncio
import datetime as dt

import pytest
from redis.asyncio import Redis

from services.notifier.outbox.delivery import Delivery
from services.notifier.outbox.messages import PermanentDeliveryError, TransientDeliveryError
from services.notifier.outbox.outbox import NOTE_LENGTH, Outbox
from shared.domain.clock import system_clock
from tests.support.deliveries import MAIL, QUICK, Fixed, entry_of, mailer, until_state
from tests.support.delivery_process import message
from tests.support.mail_server import Behaviour, running_mail_server
from tests.support.outcomes import Outcomes
from tests.support.programs import free_port


async def test_a_server_that_comes_back_gets_the_message_once(outbox: Outbox, outcomes: Outcomes) -> None:
    await outbox.record(MAIL)
    port = free_port()
    delivery = Delivery(outbox, "mail", mailer(port), outcomes)
    assert await delivery.deliver_one()
    assert "no session with the mail server" in (await entry_of(outbox)).note
    behaviour = Behaviour()
    async with running_mail_server(behaviour, port=port):
        entry = await until_state(outbox, delivery, "SENT")
    assert behaviour.accepted == [MAIL.body]
    assert entry.note == "250 2.0.0 Kept"
    assert outcomes == {"failed": 1, "sent": 1}


async def test_a_server_that_says_later_until_the_end(outbox: Outbox, outcomes: Outcomes) -> None:
    await outbox.record(MAIL)
    async with running_mail_server(Behaviour(data="451 later")) as port:
        entry = await until_state(outbox, Delivery(outbox, "mail", mailer(port), outcomes), "DEAD")
    assert (entry.attempts, entry.note) == (5, "451 later")
    assert outcomes == {"failed": 4, "dead": 1}


async def test_a_refused_message_is_dead_at_once_and_the_next_goes(outbox: Outbox, outcomes: Outcomes) -> None:
    await outbox.record(MAIL)
    behaviour = Behaviour(rcpt="550 no such user")
    async with running_mail_server(behaviour) as port:
        delivery = Delivery(outbox, "mail", mailer(port), outcomes)
        await delivery.deliver_one()
        behaviour.rcpt = None
        await outbox.record(message(2))
        await delivery.deliver_one()
    assert [(dead.key, dead.note) for dead in await outbox.dead()] == [(MAIL.key, "550 no such user")]
    assert behaviour.accepted == [message(2).body]
    assert outcomes == {"dead": 1, "sent": 1}


async def test_a_sender_that_hangs_is_cut_off(outbox: Outbox, outcomes: Outcomes) -> None:
    await outbox.record(MAIL)
    async with running_mail_server(Behaviour(hang=True)) as port:
        delivery = Delivery(outbox, "mail", mailer(port), outcomes, attempt=dt.timedelta(milliseconds=200))
        await delivery.deliver_one()
    assert (await entry_of(outbox)).note == "no answer within 0.2 s"


async def test_two_notifiers_send_every_message_once(outbox: Outbox, valkey: Redis, outcomes: Outcomes) -> None:
    for number in range(40):
        await outbox.record(message(number))
    behaviour = Behaviour()
    async with running_mail_server(behaviour) as port:

        async def drain() -> None:
            delivery = Delivery(Outbox(valkey, system_clock, back_off=QUICK), "mail", mailer(port), outcomes)
            while await delivery.deliver_one():
                pass

        await asyncio.gather(drain(), drain(), drain())
    assert sorted(behaviour.accepted) == sorted(message(number).body for number in range(40))
    assert outcomes == {"sent": 40}


async def test_a_bug_in_a_sender_ends_no_delivery(
    outbox: Outbox, outcomes: Outcomes, caplog: pytest.LogCaptureFixture
) -> None:
    await outbox.record(MAIL)
    entry = await until_state(outbox, Delivery(outbox, "mail", Fixed(ZeroDivisionError("by 0")), outcomes), "DEAD")
    assert (entry.attempts, entry.note) == (5, "unexpected ZeroDivisionError: by 0")
    assert outcomes == {"failed": 4, "dead": 1}
    assert "Traceback" in caplog.text


async def test_what_no_encoding_reads_in_an_answer_sends_no_mail_twice(outbox: Outbox, outcomes: Outcomes) -> None:
    await outbox.record(MAIL)
    behaviour = Behaviour(kept=b"250 2.0.0 accept\xe9\x00\x1b[2J " + 400 * b"very " + b"long")
    async with running_mail_server(behaviour) as port:
        entry = await until_state(outbox, Delivery(outbox, "mail", mailer(port), outcomes), "SENT")
    assert behaviour.accepted == [MAIL.body]
    assert entry.note.startswith("250 2.0.0 accept")
    assert entry.note.isprintable()
    assert len(entry.note) <= NOTE_LENGTH


async def test_a_refusal_that_no_other_message_escapes_is_counted_apart(outbox: Outbox, outcomes: Outcomes) -> None:
    await outbox.record(MAIL)
    async with running_mail_server(Behaviour(rcpt="550 5.7.1 relaying denied")) as port:
        await Delivery(outbox, "mail", mailer(port), outcomes).deliver_one()
    assert (await entry_of(outbox)).state == "PENDING"
    assert outcomes == {"settings": 1}


@pytest.mark.parametrize(
    ("error", "state"), [(TransientDeliveryError("busy"), "PENDING"), (PermanentDeliveryError("no"), "DEAD")]
)
async def test_transient_and_permanent_errors_differ(
    outbox: Outbox, outcomes: Outcomes, error: Exception, state: str
) -> None:
    await outbox.record(MAIL)
    await Delivery(outbox, "mail", Fixed(error), outcomes).deliver_one()
    assert (await entry_of(outbox)).state == state


async def test_an_attempt_must_fit_into_the_lease(valkey: Redis, outcomes: Outcomes) -> None:
    outbox = Outbox(valkey, system_clock, lease=dt.timedelta(seconds=10))
    with pytest.raises(ValueError, match="make the lease longer"):
        Delivery(outbox, "mail", Fixed("250"), outcomes, attempt=dt.timedelta(seconds=10))

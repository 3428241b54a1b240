"""The delivery loop against real servers that fail, and with a Redis that is away at the worst moment."""

import asyncio
import datetime as dt

import pytest
import redis.exceptions
from redis.asyncio import Redis

from services.notifier.outbox import delivery as delivery_module
from services.notifier.outbox.delivery import Delivery
from services.notifier.outbox.mailer import Mailer, MailServer
from services.notifier.outbox.messages import Channel, Message, PermanentDeliveryError, TransientDeliveryError
from services.notifier.outbox.outbox import BackOff, MessageClaim, MessageStatus, Outbox
from shared.domain.clock import system_clock
from tests.support.delivery_process import message
from tests.support.mail_server import Behaviour, running_mail_server
from tests.support.outcomes import Outcomes
from tests.support.programs import free_port
from tests.support.waiting import eventually

QUICK = BackOff(first=dt.timedelta(milliseconds=10), longest=dt.timedelta(milliseconds=20), attempts=5)
MAIL = message(1)
TROUBLES = (
    redis.exceptions.ConnectionError("away"),
    redis.exceptions.BusyLoadingError("loading"),
    redis.exceptions.OutOfMemoryError("full"),
    redis.exceptions.ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
    OSError("network is unreachable"),
)


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


@pytest.fixture
def outbox(valkey: Redis) -> Outbox:
    return Outbox(valkey, system_clock, back_off=QUICK)


def mailer(port: int) -> Mailer:
    return Mailer(MailServer("127.0.0.1", port, "pulse@example.vn", security="none", seconds=2))


async def entry_of(outbox: Outbox) -> MessageStatus:
    entry = await outbox.entry(MAIL.key)
    assert entry is not None
    return entry


async def until_state(outbox: Outbox, delivery: Delivery, state: str) -> MessageStatus:
    stop = asyncio.Event()
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(delivery.run(stop, idle_seconds=0.005))
        while (await entry_of(outbox)).state != state:
            await asyncio.sleep(0.005)
        stop.set()
    return await entry_of(outbox)


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


class ForgetfulOutbox(Outbox):
    """Redis is away for a while just when a message was accepted."""

    away = 3
    error: Exception

    async def sent(self, claim: MessageClaim, answer: str) -> bool:
        if self.away:
            self.away -= 1
            raise self.error
        return await super().sent(claim, answer)


@pytest.mark.parametrize("error", TROUBLES, ids=repr)
async def test_an_accepted_message_is_recorded_when_redis_comes_back(
    valkey: Redis, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(delivery_module, "PAUSE_SECONDS", 0.001)
    outbox = ForgetfulOutbox(valkey, system_clock)
    outbox.error = error
    await outbox.record(MAIL)
    behaviour = Behaviour()
    async with running_mail_server(behaviour) as port:
        await Delivery(outbox, "mail", mailer(port), outcomes).deliver_one()
    assert (await entry_of(outbox)).state == "SENT"
    assert len(behaviour.accepted) == 1


class AbsentOutbox(Outbox):
    """Redis is away when the loop looks for work."""

    away = 2
    error: Exception

    async def claim(self, channel: Channel) -> MessageClaim | None:
        if self.away:
            self.away -= 1
            raise self.error
        return await super().claim(channel)


class Fixed:
    """A sender with one answer."""

    def __init__(self, answer: str | Exception) -> None:
        self._answer = answer

    async def send(self, _message: Message) -> str:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.mark.parametrize("error", TROUBLES, ids=repr)
async def test_the_loop_outlives_a_redis_that_is_away(valkey: Redis, outcomes: Outcomes, error: Exception) -> None:
    outbox = AbsentOutbox(valkey, system_clock)
    outbox.error = error
    await outbox.record(MAIL)
    await until_state(outbox, Delivery(outbox, "mail", Fixed("250"), outcomes), "SENT")


async def test_a_bug_in_a_sender_is_not_swallowed(outbox: Outbox, outcomes: Outcomes) -> None:
    await outbox.record(MAIL)
    with pytest.raises(ZeroDivisionError):
        await Delivery(outbox, "mail", Fixed(ZeroDivisionError()), outcomes).deliver_one()
    entry = await entry_of(outbox)
    assert (entry.state, entry.attempts) == ("PENDING", 1)


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


async def test_a_full_store_keeps_the_message_until_there_is_room(
    outbox: Outbox, valkey: Redis, outcomes: Outcomes
) -> None:
    await outbox.record(MAIL)
    behaviour = Behaviour()
    stop = asyncio.Event()
    async with running_mail_server(behaviour) as port:
        await valkey.config_set("maxmemory", 1)
        try:
            with pytest.raises(redis.exceptions.OutOfMemoryError):
                await outbox.claim("mail")
            loop = asyncio.create_task(Delivery(outbox, "mail", mailer(port), outcomes).run(stop, idle_seconds=0.005))
            done, _ = await asyncio.wait([loop], timeout=0.2)
            assert not done
        finally:
            await valkey.config_set("maxmemory", 0)
        await eventually(lambda: settled(outbox))
        stop.set()
        await loop
    assert behaviour.accepted == [MAIL.body]


async def settled(outbox: Outbox) -> bool:
    return (await entry_of(outbox)).state == "SENT"


async def test_a_store_that_fills_up_during_an_attempt_still_records_it_as_sent(
    outbox: Outbox, valkey: Redis, outcomes: Outcomes
) -> None:
    """Otherwise the lease could end first, and another notifier would send the message a second time."""

    class Filling:
        async def send(self, _message: Message) -> str:
            await valkey.config_set("maxmemory", 1)
            return "250"

    await outbox.record(MAIL)
    try:
        async with asyncio.timeout(0.5):
            await Delivery(outbox, "mail", Filling(), outcomes).deliver_one()
        assert (await entry_of(outbox)).state == "SENT"
    finally:
        await valkey.config_set("maxmemory", 0)
    assert outcomes == {"sent": 1}

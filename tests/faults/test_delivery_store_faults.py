"""The delivery loop with a Redis that is away, or full, at the worst moment."""

import asyncio

import pytest
import redis.exceptions
from redis.asyncio import Redis

from services.notifier.outbox import delivery as delivery_module
from services.notifier.outbox.delivery import Delivery
from services.notifier.outbox.messages import Channel, Message
from services.notifier.outbox.outbox import MessageClaim, Outbox
from shared.domain.clock import system_clock
from tests.support.deliveries import MAIL, Fixed, entry_of, mailer, until_state
from tests.support.mail_server import Behaviour, running_mail_server
from tests.support.outcomes import Outcomes
from tests.support.waiting import eventually

TROUBLES = (
    redis.exceptions.ConnectionError("away"),
    redis.exceptions.BusyLoadingError("loading"),
    redis.exceptions.OutOfMemoryError("full"),
    redis.exceptions.ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
    OSError("network is unreachable"),
)


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


@pytest.mark.parametrize("error", TROUBLES, ids=repr)
async def test_the_loop_outlives_a_redis_that_is_away(valkey: Redis, outcomes: Outcomes, error: Exception) -> None:
    outbox = AbsentOutbox(valkey, system_clock)
    outbox.error = error
    await outbox.record(MAIL)
    await until_state(outbox, Delivery(outbox, "mail", Fixed("250"), outcomes), "SENT")


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

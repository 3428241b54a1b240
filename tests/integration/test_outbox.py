"""The outbox on a real Valkey: states, due times, claims, dead letters."""

import asyncio
import datetime as dt

import pytest
from redis.asyncio import Redis
from redis.crc import key_slot

from services.notifier.outbox.messages import Message
from services.notifier.outbox.outbox import BackOff, MessageClaim, MessageStatus, Outbox
from tests.support.waiting import eventually

START = dt.datetime(2023, 7, 21, 0, 30, tzinfo=dt.UTC)
MAIL = Message("digest:phu-my:2023-07-21", "mail", b"Subject: one\r\n\r\nbody \xc4\x91\r\n", "a@example.vn")
HOOK = Message("webhook:phu-my:2:lag:2023-07:raised", "webhook", b"{}")
POLICY = BackOff(first=dt.timedelta(seconds=60), longest=dt.timedelta(hours=1), attempts=3)


class Hands:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def outbox(valkey: Redis, clock: Hands) -> Outbox:
    return Outbox(valkey, clock, POLICY, rng=lambda: 1.0)


async def claimed(outbox: Outbox) -> MessageClaim:
    claim = await outbox.claim("mail")
    assert claim is not None
    return claim


async def entry_of(outbox: Outbox, message: Message = MAIL) -> MessageStatus:
    entry = await outbox.entry(message.key)
    assert entry is not None
    return entry


async def test_a_message_is_pending_before_anybody_tries(outbox: Outbox) -> None:
    assert await outbox.record(MAIL)
    entry = await entry_of(outbox)
    assert (entry.state, entry.attempts, entry.to) == ("PENDING", 0, "a@example.vn")
    assert entry.recorded_at == entry.due_at == START
    assert (await claimed(outbox)).message == MAIL


async def test_a_key_names_one_message_for_ever(outbox: Outbox) -> None:
    await outbox.record(MAIL)
    other = Message(MAIL.key, "mail", b"another body", "b@example.vn")
    assert not await outbox.record(other)
    claim = await claimed(outbox)
    assert claim.message == MAIL
    await outbox.sent(claim, "250 OK")
    assert not await outbox.record(other)
    assert await outbox.claim("mail") is None
    assert (await entry_of(outbox)).state == "SENT"


async def test_one_claim_at_a_time(outbox: Outbox, valkey: Redis, clock: Hands) -> None:
    await outbox.record(MAIL)
    others = [Outbox(valkey, clock, POLICY) for _ in range(20)]
    claims = await asyncio.gather(*(other.claim("mail") for other in others))
    assert sum(claim is not None for claim in claims) == 1


async def test_a_notifier_whose_clock_runs_ahead_takes_no_message_away(outbox: Outbox, valkey: Redis) -> None:
    await outbox.record(MAIL)
    await claimed(outbox)
    tomorrow = Outbox(valkey, lambda: START + dt.timedelta(days=1), POLICY)
    assert await tomorrow.claim("mail") is None


async def test_a_message_comes_back_when_its_holder_dies(outbox: Outbox, valkey: Redis, clock: Hands) -> None:
    await outbox.record(MAIL)
    first = await claimed(outbox)
    assert "no outcome recorded" in (await entry_of(outbox)).note
    await valkey.delete(f"{{outbox}}:claim:{MAIL.key}")  # what the end of the lease does
    clock.move(seconds=89)
    assert await outbox.claim("mail") is None
    clock.move(seconds=1)
    second = await claimed(outbox)
    assert (first.attempt, second.attempt) == (1, 2)
    assert second.message == MAIL


async def test_the_lease_ends_by_itself(valkey: Redis, clock: Hands) -> None:
    short = Outbox(valkey, clock, POLICY, lease=dt.timedelta(milliseconds=30))
    await short.record(MAIL)
    await claimed(short)
    clock.move(seconds=1)

    async def free_again() -> bool:
        return await short.claim("mail") is not None

    await eventually(free_again)


async def test_a_failure_backs_off_and_the_last_one_is_a_dead_message(outbox: Outbox, clock: Hands) -> None:
    await outbox.record(MAIL)
    for wait in (60, 120):
        assert await outbox.failed(await claimed(outbox), "421 busy") == "PENDING"
        entry = await entry_of(outbox)
        assert (entry.due_at, entry.note) == (clock.now + dt.timedelta(seconds=wait), "421 busy")
        clock.move(seconds=wait - 1)
        assert await outbox.claim("mail") is None
        clock.move(seconds=1)
    assert await outbox.failed(await claimed(outbox), "421 still busy") == "DEAD"
    clock.move(days=1)
    assert await outbox.claim("mail") is None
    assert [(dead.key, dead.note, dead.attempts) for dead in await outbox.dead()] == [(MAIL.key, "421 still busy", 3)]


async def test_attempts_that_crash_count_too(outbox: Outbox, valkey: Redis, clock: Hands) -> None:
    await outbox.record(MAIL)
    for _ in range(POLICY.attempts):
        await claimed(outbox)
        await valkey.delete(f"{{outbox}}:claim:{MAIL.key}")
        clock.move(hours=1)
    assert await outbox.claim("mail") is None
    assert [dead.key for dead in await outbox.dead()] == [MAIL.key]


async def test_a_dead_message_can_be_sent_again_by_hand(outbox: Outbox) -> None:
    await outbox.record(MAIL)
    assert not await outbox.retry(MAIL.key)
    await outbox.refused(await claimed(outbox), "550 no such user")
    assert not await outbox.record(MAIL)
    assert (await outbox.backlog("mail")).pending == 0
    assert await outbox.retry(MAIL.key)
    assert await outbox.dead() == []
    assert (await outbox.backlog("mail")).pending == 1
    claim = await claimed(outbox)
    assert (claim.attempt, claim.message) == (1, MAIL)
    assert not await outbox.retry("digest:nobody:2023-07-21")


async def test_a_late_250_stands_and_a_late_failure_does_not(outbox: Outbox, valkey: Redis, clock: Hands) -> None:
    await outbox.record(MAIL)
    slow = await claimed(outbox)
    await valkey.delete(f"{{outbox}}:claim:{MAIL.key}")
    clock.move(hours=1)
    quick = await claimed(outbox)
    await outbox.failed(slow, "timed out")
    assert (await entry_of(outbox)).note != "timed out"
    assert await outbox.sent(slow, "250 OK")
    assert not await outbox.sent(quick, "250 OK again")
    await outbox.refused(quick, "554 duplicate")
    entry = await entry_of(outbox)
    assert (entry.state, entry.note, entry.settled_at) == ("SENT", "250 OK", clock.now)


async def test_a_250_after_death_brings_the_mail_out_of_the_dead(outbox: Outbox) -> None:
    await outbox.record(MAIL)
    claim = await claimed(outbox)
    await outbox.refused(claim, "554")
    await outbox.sent(claim, "250 OK")
    assert await outbox.dead() == []
    assert (await entry_of(outbox)).state == "SENT"


async def test_channels_do_not_see_each_other(outbox: Outbox, clock: Hands) -> None:
    await outbox.record(MAIL)
    clock.move(minutes=5)
    await outbox.record(HOOK)
    assert (await outbox.backlog("mail")).oldest == START
    assert (await outbox.backlog("webhook")).oldest == clock.now
    assert (await outbox.backlog("alertmanager")).oldest is None
    hook = await outbox.claim("webhook")
    assert hook is not None
    assert hook.message == HOOK
    assert await outbox.claim("webhook") is None
    assert (await claimed(outbox)).message == MAIL


async def test_what_stays_of_a_sent_message_is_small(outbox: Outbox, valkey: Redis) -> None:
    await outbox.record(Message(MAIL.key, "mail", b"x" * 50_000, MAIL.to))
    await outbox.sent(await claimed(outbox), "250 OK")
    size = await valkey.memory_usage(f"{{outbox}}:message:{MAIL.key}")
    assert size is not None
    assert size < 600


async def test_every_key_shares_one_slot(outbox: Outbox, valkey: Redis) -> None:
    await outbox.record(MAIL)
    await outbox.record(HOOK)
    await outbox.refused(await claimed(outbox), "550")
    await outbox.claim("webhook")
    keys = [key async for key in valkey.scan_iter() if isinstance(key, bytes)]
    assert len(keys) > 5
    assert {key_slot(key) for key in keys} == {key_slot(b"{outbox}")}

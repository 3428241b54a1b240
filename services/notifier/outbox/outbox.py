"""The outbox: what must be sent, recorded in Redis before anybody tries, until the receiver has it.

A message goes PENDING -> SENT or PENDING -> DEAD; a dead message can be made PENDING again by hand. Every change
is one Lua script, so that a process may end between any two lines here and lose nothing. Which crash can lead
to a second copy, and why no code can close that window: docs/decisions/0030-outbox.md.

    {outbox}:message:KEY    hash: state, channel, to, body (until SENT), attempts, due_at, note, times
    {outbox}:claim:KEY      who is trying it right now; expires with the lease
    {outbox}:due:CHANNEL    sorted set, scored by the time of the next attempt
    {outbox}:pending:CHANNEL    sorted set, scored by the time of recording
    {outbox}:dead           sorted set, scored by the time it died
"""

import datetime as dt
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from redis.asyncio import Redis

from services.notifier.lua import source
from services.notifier.outbox.messages import Channel, Message, MessageState
from shared.domain.clock import Clock
from shared.domain.formatting import one_line

TAG = "{outbox}"
DEAD = f"{TAG}:dead"
LEASE = dt.timedelta(seconds=90)

NOTE_LENGTH = 500
"""Characters kept of what a receiver said: it is another's text, of any length and with any bytes."""

Random = Callable[[], float]
"""Returns a number from 0 up to, not including, 1."""

system_random: Random = random.SystemRandom().random


@dataclass(frozen=True, slots=True)
class BackOff:
    """Doubling waits from `first` up to `longest`, each between half and the whole of its length by chance.

    The lower half is fixed so that a burst of failures never retries at once; the upper half is jitter, so that
    the messages of one bad minute do not come back together ("equal jitter": Brooker, AWS Architecture Blog,
    2015).
    The defaults spread 24 attempts over about 17 hours.
    """

    first: dt.timedelta = dt.timedelta(seconds=30)
    longest: dt.timedelta = dt.timedelta(hours=1)
    attempts: int = 24

    def __post_init__(self) -> None:
        if not dt.timedelta() < self.first <= self.longest or self.attempts < 1:
            raise ValueError(f"{self}: `first` must be above 0 and at most `longest`, `attempts` at least 1")

    def wait(self, attempt: int, rng: Random = system_random) -> dt.timedelta:
        """The wait after attempt number `attempt` (1 is the first)."""
        growth = 2.0 ** min(attempt - 1, 62)
        whole = self.first * min(growth, self.longest / self.first)
        return whole * (1 + rng()) / 2


@dataclass(frozen=True, slots=True)
class MessageClaim:
    """The right to try one message until the lease ends. `attempt` counts from 1."""

    message: Message
    attempt: int
    token: str


@dataclass(frozen=True, slots=True)
class MessageStatus:
    """How one message stands: `note` is the last error, or the answer of the receiver once SENT."""

    key: str
    state: MessageState
    channel: Channel
    to: str
    attempts: int
    note: str
    recorded_at: dt.datetime
    due_at: dt.datetime
    settled_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many messages of a channel wait, and since when the oldest does."""

    pending: int
    oldest: dt.datetime | None


class Outbox:
    """The outbox of all notifiers of one Redis. `redis` must not decode replies.

    `lease` bounds one attempt: the holder of a claim must give up before it ends.
    """

    def __init__(
        self,
        redis: Redis,
        clock: Clock,
        back_off: BackOff | None = None,
        lease: dt.timedelta = LEASE,
        rng: Random = system_random,
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._back_off = back_off or BackOff()
        self._rng = rng
        self.lease = lease
        self._record = redis.register_script(source("record"))
        self._claim = redis.register_script(source("claim"))
        self._settle = redis.register_script(source("settle"))
        self._retry = redis.register_script(source("retry"))

    async def record(self, message: Message) -> bool:
        """Record `message` as PENDING, due now. False, and no change, when its key was ever recorded."""
        keys = [_message(message.key), _due(message.channel), _pending(message.channel)]
        args = (message.key, _ms(self._clock()), message.channel, message.to, message.body)
        return bool(await self._record(keys=keys, args=args))

    async def claim(self, channel: Channel) -> MessageClaim | None:
        """The next due message of `channel`, held for the lease, its attempt counted; None if none is due."""
        token = secrets.token_hex(16)
        keys = [_due(channel), _pending(channel), DEAD]
        lease = _length(self.lease)
        args = (_ms(self._clock()), lease, token, self._back_off.attempts, _message(""), _claim_key(""))
        claimed = await self._claim(keys=keys, args=args)
        if not claimed:
            return None
        key, attempt, encoded_channel, to, body = cast("list[Any]", claimed)
        message = Message(key.decode(), cast("Channel", encoded_channel.decode()), body, to.decode())
        return MessageClaim(message, int(attempt), token)

    async def sent(self, claim: MessageClaim, answer: str) -> bool:
        """The receiver accepted the message; `answer` is its reply. True when this made it SENT."""
        return await self._settled(claim, "SENT", self._clock(), answer)

    async def failed(self, claim: MessageClaim, reason: str) -> MessageState:
        """The attempt failed for now: due again after the back-off, or DEAD after the last attempt."""
        now = self._clock()
        state: MessageState = "DEAD" if claim.attempt >= self._back_off.attempts else "PENDING"
        await self._settled(claim, state, now + self._back_off.wait(claim.attempt, self._rng), reason)
        return state

    async def refused(self, claim: MessageClaim, reason: str) -> None:
        """The receiver refused the message for good: DEAD at once."""
        await self._settled(claim, "DEAD", self._clock(), reason)

    async def entry(self, key: str) -> MessageStatus | None:
        """What is known of the message `key`; None when it was never recorded."""
        fields = cast("dict[bytes, bytes]", await self._redis.hgetall(_message(key)))
        return _entry(key, {name.decode(): value for name, value in fields.items()}) if fields else None

    async def dead(self) -> list[MessageStatus]:
        """The dead messages, oldest first."""
        keys = cast("list[bytes]", await self._redis.zrange(DEAD, 0, -1))
        entries = [await self.entry(key.decode()) for key in keys]
        return [entry for entry in entries if entry is not None]

    async def retry(self, key: str) -> bool:
        """Give the dead message `key` all its attempts again, from now. False when it is not a dead message."""
        entry = await self.entry(key)
        if entry is None:
            return False
        keys = [_message(key), _due(entry.channel), _pending(entry.channel), DEAD]
        return bool(await self._retry(keys=keys, args=[key, _ms(self._clock())]))

    async def backlog(self, channel: Channel) -> Backlog:
        """How much of `channel` is PENDING."""
        pending = await self._redis.zcard(_pending(channel))
        first = await self._redis.zrange(_pending(channel), 0, 0, withscores=True)
        oldest = cast("list[tuple[bytes, float]]", first)
        return Backlog(pending, _moment(oldest[0][1]) if oldest else None)

    async def _settled(self, claim: MessageClaim, state: MessageState, due: dt.datetime, note: str) -> bool:
        key, channel = claim.message.key, claim.message.channel
        keys = [_message(key), _due(channel), _pending(channel), DEAD, _claim_key(key)]
        args = (key, claim.token, _ms(self._clock()), state, _ms(due), one_line(note)[:NOTE_LENGTH])
        return bool(await self._settle(keys=keys, args=args))


def _entry(key: str, fields: dict[str, bytes]) -> MessageStatus:
    settled = fields.get("settled_at")
    return MessageStatus(
        key=key,
        state=cast("MessageState", fields["state"].decode()),
        channel=cast("Channel", fields["channel"].decode()),
        to=fields["to"].decode(),
        attempts=int(fields["attempts"]),
        note=fields["note"].decode(),
        recorded_at=_moment(fields["recorded_at"]),
        due_at=_moment(fields["due_at"]),
        settled_at=_moment(settled) if settled else None,
    )


def _message(key: str) -> str:
    return f"{TAG}:message:{key}"


def _claim_key(key: str) -> str:
    return f"{TAG}:claim:{key}"


def _due(channel: Channel) -> str:
    return f"{TAG}:due:{channel}"


def _pending(channel: Channel) -> str:
    return f"{TAG}:pending:{channel}"


def _ms(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)


def _length(lease: dt.timedelta) -> int:
    return int(lease / dt.timedelta(milliseconds=1))


def _moment(ms: bytes | float) -> dt.datetime:
    return dt.datetime.fromtimestamp(float(ms) / 1000, dt.UTC)

"""The `deadletters` stream as it is written: equal letters once with a count, bounded, the oldest dropped first.

Scripts keep the stream, its index by digest, the counts and the totals together: docs/decisions/0145-dead-letters.md.
"""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple, Self

from faststream.redis.parser import BinaryMessageFormatV1
from redis.asyncio import Redis

from services.ingest.dead_letters import DeadLetterRecord
from services.ingest.settings import IngestSettings
from shared.log.keys import DEADLETTER_INDEX, DEADLETTER_TIMES, DEADLETTER_TOTALS, DEADLETTERS

KEYS = (DEADLETTERS, DEADLETTER_INDEX, DEADLETTER_TIMES, DEADLETTER_TOTALS)
MILLISECONDS_A_DAY = 86_400_000
DIGEST_BYTES = 16

_LUA = Path(__file__).parent / "lua"
_ADD, _REMOVE = ((_LUA / f"{name}_dead_letters.lua").read_text(encoding="utf-8") for name in ("add", "remove"))

Command = tuple[Any, ...]
"""A Redis command and its arguments."""


class Totals(NamedTuple):
    """The letters that stand, their bytes, and how many were dropped since the store began."""

    number: int
    bytes: int
    dropped: int


class DeadLetterLimits(NamedTuple):
    """What is kept at most: letters, their bytes, and days."""

    number: int
    bytes: int
    days: int

    @classmethod
    def of(cls, settings: IngestSettings) -> Self:
        return cls(settings.max_dead_letters, settings.max_dead_letter_bytes, settings.dead_letter_days)

    async def adding(self, records: list[DeadLetterRecord], correlation_id: str) -> Command:
        """The command that adds `records`, each as FastStream's binary format has it, and drops what is too much."""
        arguments: list[Any] = [self.number, self.bytes, self.days * MILLISECONDS_A_DAY]
        for record in records:
            message = await BinaryMessageFormatV1.encode(
                message=record, reply_to=None, headers=None, correlation_id=correlation_id
            )
            arguments += (digest_of(record), message)
        return "EVAL", _ADD, len(KEYS), *KEYS, *arguments

    async def enforce(self, redis: Redis) -> int:
        """Drop what is too much or too old now; how many letters."""
        return await _number(redis, await self.adding([], ""))


def digest_of(record: DeadLetterRecord) -> bytes:
    """Equal for letters of one key and code that keep the same of their events."""
    parts = "\0".join((record["key"], record["code"], record["event"]))
    return hashlib.sha256(parts.encode()).digest()[:DIGEST_BYTES]


async def remove(redis: Redis, ids: list[str]) -> int:
    """Remove letters that were handled, by their entry ids; how many were still there."""
    return await _number(redis, ("EVAL", _REMOVE, len(KEYS), *KEYS, *ids)) if ids else 0


async def _number(redis: Redis, command: Command) -> int:
    return int(await redis.execute_command(*command))  # type: ignore[no-untyped-call]


async def totals(redis: Redis) -> Totals:
    number = int(await redis.xlen(DEADLETTERS))
    stored: Any = await redis.hmget(DEADLETTER_TOTALS, ["bytes", "dropped"])
    return Totals(number, *(int(value or 0) for value in stored))

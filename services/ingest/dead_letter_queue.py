"""The `deadletters` stream in Redis: read it in pages, take letters out of it."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from redis.asyncio import Redis

from services.ingest.dead_letters import DeadLetter
from shared.log.keys import DEADLETTERS

PAGE = 500


class DeadLetterQueue:
    """The stream of one store."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def number(self) -> int:
        """How many letters there are."""
        return int(await self._redis.xlen(DEADLETTERS))

    async def pages(self) -> AsyncIterator[list[DeadLetter]]:
        """Every letter that is there now, oldest first; those that come meanwhile are left for the next time."""
        newest: Any = await self._redis.xrevrange(DEADLETTERS, count=1)
        after = "-"
        while newest:
            found: Any = await self._redis.xrange(DEADLETTERS, after, newest[0][0], count=PAGE)
            if not found:
                return
            yield [_letter(*row) for row in found]
            after = f"({found[-1][0].decode()}"

    async def find(self, letter_id: str) -> DeadLetter | None:
        """The letter with this id."""
        found: Any = await self._redis.xrange(DEADLETTERS, letter_id, letter_id)
        return _letter(*found[0]) if found else None

    async def remove(self, letters: Iterable[DeadLetter]) -> None:
        """Take letters out; those that are gone already do no harm."""
        ids: Sequence[str] = [letter.id for letter in letters]
        if ids:
            await self._redis.xdel(DEADLETTERS, *ids)


def _letter(letter_id: bytes, fields: dict[bytes, bytes]) -> DeadLetter:
    text = {name.decode(): value.decode() for name, value in fields.items()}
    return DeadLetter(letter_id.decode(), *(text.get(name, "") for name in DeadLetter._fields[1:]))

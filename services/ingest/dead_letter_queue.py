"""The dead letter queue: reads the `deadletters` stream, and replays its events once their cause is removed."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from faststream.redis.parser import BinaryMessageFormatV1
from redis.asyncio import Redis

from services.ingest.admission import FUTURE_TOLERANCE, Admission, LoggedEvent, instant_of
from services.ingest.dead_letter_stream import remove
from services.ingest.dead_letters import DeadLetter, DeadLetterRecord, readmitted
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.publisher import Publisher
from services.ingest.rejections import NotAdmittedError
from shared.domain.clock import Clock
from shared.http.keys import Keys
from shared.log.keys import DEADLETTER_TIMES, DEADLETTERS

PAGE = 50
"""Letters read at once: those of releases up to 0.1 may hold a megabyte each."""


class DeadLetterQueue:
    """The `deadletters` stream of one store."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def count(self) -> int:
        """How many dead letters there are."""
        return int(await self._redis.xlen(DEADLETTERS))

    async def pages(self) -> AsyncIterator[list[DeadLetter]]:
        """Every dead letter that is there now, oldest first; those added meanwhile are left out."""
        newest: Any = await self._redis.xrevrange(DEADLETTERS, count=1)
        after = "-"
        while newest:
            page: Any = await self._redis.xrange(DEADLETTERS, after, newest[0][0], count=PAGE)
            if not page:
                return
            yield await self._letters(page)
            after = f"({page[-1][0].decode()}"

    async def find(self, entry_id: str) -> DeadLetter | None:
        """The dead letter with this id."""
        entries: Any = await self._redis.xrange(DEADLETTERS, entry_id, entry_id)
        return (await self._letters(entries))[0] if entries else None

    async def _letters(self, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> list[DeadLetter]:
        times: Any = await self._redis.hmget(DEADLETTER_TIMES, [entry_id for entry_id, _ in entries])
        return [_dead_letter(*entry, int(number or 1)) for entry, number in zip(entries, times, strict=True)]

    async def remove(self, dead_letters: Iterable[DeadLetter]) -> int:
        """Delete dead letters; how many were there."""
        return await remove(self._redis, [dead_letter.id for dead_letter in dead_letters])


def _dead_letter(entry_id: bytes, fields: Mapping[bytes, bytes], times: int) -> DeadLetter:
    if b"__data__" in fields:
        body, _ = BinaryMessageFormatV1.parse(fields[b"__data__"])
        record = json.loads(body)
    else:  # releases up to 0.1 wrote the record as fields of the entry
        record = {name.decode(): value.decode() for name, value in fields.items()}
    texts = {name: record.get(name, "") for name in DeadLetterRecord.__annotations__}
    return DeadLetter(entry_id.decode(), times=times, **texts)


class NotReplayed(NamedTuple):
    """A dead letter that stays, and why."""

    dead_letter: DeadLetter
    problem: NotAdmittedError


class DeadLetterReplayer:
    """Publishes the events of dead letters that are admitted now, and only then deletes the dead letters.

    A crash between the two leaves dead letters whose events are in the log; replayed again they are the same events
    with the same pseudonym, digest and times, and counting takes them once.
    """

    def __init__(
        self,
        queue: DeadLetterQueue,
        admission: Admission,
        keys: Keys,
        pseudonymise: Pseudonymiser,
        publisher: Publisher,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._admission = admission
        self._keys = keys
        self._pseudonymise = pseudonymise
        self._publisher = publisher
        self._clock = clock

    async def replay(self, dead_letters: Sequence[DeadLetter]) -> list[NotReplayed]:
        """Admit what can be admitted; what stays.

        Raises:
            StoreUnavailableError, RedisError, OSError: not known to be published, so nothing was deleted.
        """
        latest = instant_of(self._clock() + FUTURE_TOLERANCE)
        events: list[LoggedEvent] = []
        admitted: list[DeadLetter] = []
        staying: list[NotReplayed] = []
        for dead_letter in dead_letters:
            try:
                events.append(readmitted(dead_letter, self._admission, self._keys, self._pseudonymise, latest))
                admitted.append(dead_letter)
            except NotAdmittedError as problem:
                staying.append(NotReplayed(dead_letter, problem))
        if events:
            await self._publisher.publish(events, [])
            await self._queue.remove(admitted)
        return staying

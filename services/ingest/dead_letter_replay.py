"""Retries dead letters: publishes those that are admitted now, and only then takes them out of the stream.

A crash between the two leaves letters whose events are in the log; retried again they are the same events, with the
same pseudonym, id and time, and the merge counts them once.
"""

from collections.abc import Sequence
from typing import NamedTuple

from services.ingest.admission import FUTURE_TOLERANCE, Admission, Fact, instant_of
from services.ingest.auth import KeyRing
from services.ingest.dead_letter_queue import DeadLetterQueue
from services.ingest.dead_letters import DeadLetter
from services.ingest.publisher import Publisher
from services.ingest.readmission import readmitted
from services.ingest.rejections import NotAdmittedError
from shared.domain.clock import Clock


class NotReplayed(NamedTuple):
    """A letter that stays, and why."""

    letter: DeadLetter
    problem: NotAdmittedError


class DeadLetterReplayer:
    """Everything it needs is given to it."""

    def __init__(
        self, letterbox: DeadLetterQueue, admission: Admission, keys: KeyRing, publisher: Publisher, clock: Clock
    ) -> None:
        self._letterbox = letterbox
        self._admission = admission
        self._keys = keys
        self._publisher = publisher
        self._clock = clock

    async def retry(self, letters: Sequence[DeadLetter]) -> list[NotReplayed]:
        """Admit what can be admitted; what is left.

        Raises:
            StoreUnavailableError, RedisError, OSError: not known to be published, so nothing was taken out.
        """
        latest = instant_of(self._clock() + FUTURE_TOLERANCE)
        facts: list[Fact] = []
        done: list[DeadLetter] = []
        left: list[NotReplayed] = []
        for letter in letters:
            try:
                facts.append(readmitted(letter, self._admission, self._keys, latest))
                done.append(letter)
            except NotAdmittedError as problem:
                left.append(NotReplayed(letter, problem))
        if facts:
            await self._publisher.publish(facts, [])
            await self._letterbox.remove(done)
        return left

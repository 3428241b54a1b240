"""Retries dead letters: publishes those that are admitted now, and only then takes them out of the stream.

A crash between the two leaves letters whose events are in the log; retried again they are the same events, with the
same pseudonym, id and time, and the merge counts them once.
"""

from collections.abc import Sequence
from typing import NamedTuple

from services.ingest.admission import FUTURE_TOLERANCE, Admission, Fact, instant_of
from services.ingest.deadletters import Letter
from services.ingest.keys import KeyRing
from services.ingest.letterbox import Letterbox
from services.ingest.publisher import Publisher
from services.ingest.readmission import readmitted
from services.ingest.rejections import NotAdmittedError
from shared.clock import Clock


class Left(NamedTuple):
    """A letter that stays, and why."""

    letter: Letter
    problem: NotAdmittedError


class Retrier:
    """Everything it needs is given to it."""

    def __init__(
        self, letterbox: Letterbox, admission: Admission, keys: KeyRing, publisher: Publisher, clock: Clock
    ) -> None:
        self._letterbox = letterbox
        self._admission = admission
        self._keys = keys
        self._publisher = publisher
        self._clock = clock

    async def retry(self, letters: Sequence[Letter]) -> list[Left]:
        """Admit what can be admitted; what is left.

        Raises:
            StoreUnavailableError, RedisError, OSError: not known to be published, so nothing was taken out.
        """
        latest = instant_of(self._clock() + FUTURE_TOLERANCE)
        facts: list[Fact] = []
        done: list[Letter] = []
        left: list[Left] = []
        for letter in letters:
            try:
                facts.append(readmitted(letter, self._admission, self._keys, latest))
                done.append(letter)
            except NotAdmittedError as problem:
                left.append(Left(letter, problem))
        if facts:
            await self._publisher.publish(facts, [])
            await self._letterbox.remove(done)
        return left

"""What happens to one request's events: read, admit or reject each, publish, answer. The middle of the service."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.ingest.admission import FUTURE_TOLERANCE, NANOSECONDS, Admission
from services.ingest.deadletters import letter, redact
from services.ingest.envelope import Envelope
from services.ingest.keys import Key
from services.ingest.measurements import Measurements
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.publisher import Fact, Publisher
from services.ingest.reading import Read, read_request
from services.ingest.rejections import FORBIDDEN, NotAdmittedError, ProblemError, Rejection
from shared.clock import Clock


class Outcome(NamedTuple):
    """What became of a request's events."""

    accepted: int
    rejected: list[Rejection]


class Intake:
    """Takes requests in; everything it needs is given to it."""

    def __init__(
        self,
        admission: Admission,
        pseudonymise: Pseudonymiser,
        publisher: Publisher,
        measurements: Measurements,
        clock: Clock,
        max_events: int,
    ) -> None:
        self._admission = admission
        self._pseudonymise = pseudonymise
        self._publisher = publisher
        self._measurements = measurements
        self._clock = clock
        self._max_events = max_events

    async def take(self, headers: Mapping[str, str], body: bytes, key: Key) -> Outcome:
        """Admit and publish the events of one request; returns once they are durable.

        Raises:
            ProblemError: the request cannot be read, or the key may send none of it.
            StoreUnavailableError: nothing may be acknowledged.
        """
        events: Sequence[Envelope | Read] = read_request(headers, body, self._max_events)
        now = self._clock()
        latest = int((now + FUTURE_TOLERANCE).timestamp()) * NANOSECONDS
        facts: list[Fact] = []
        rejected: list[Rejection] = []
        letters: list[dict[str, str]] = []
        for index, event in enumerate(events):
            try:
                facts.append(self._fact(event, key, latest))
            except NotAdmittedError as problem:
                rejection, dead = self._rejected(index, event, problem, key, now)
                rejected.append(rejection)
                letters.append(dead)
        if rejected and not facts and all(rejection.code in FORBIDDEN for rejection in rejected):
            raise ProblemError(403, "Not allowed with this key", rejected[0].detail)
        if facts or letters:
            await self._publisher.publish(facts, letters)
        self._measure(facts, rejected)
        return Outcome(len(facts), rejected)

    def _measure(self, facts: list[Fact], rejected: list[Rejection]) -> None:
        for stream, number in Counter([fact.admitted.stream for fact in facts]).items():
            self._measurements.accepted.labels(stream).inc(number)
        for rejection in rejected:
            self._measurements.rejected.labels(rejection.code).inc()

    def _fact(self, event: Envelope | Read, key: Key, latest: int) -> Fact:
        if isinstance(event, Read):
            if event.envelope is None:
                raise event.problem or AssertionError("an event without envelope has a problem")
            event = event.envelope
        admitted = self._admission.admit(event, key, latest)
        subject = event["subject"]
        entity = self._pseudonymise(subject)
        if subject in admitted.id:
            admitted = admitted._replace(id=redact(admitted.id, subject, self._pseudonymise))
        return Fact(admitted, entity)

    def _rejected(
        self, index: int, event: Envelope | Read, problem: NotAdmittedError, key: Key, now: dt.datetime
    ) -> tuple[Rejection, dict[str, str]]:
        raw = event.raw if isinstance(event, Read) else event
        event_id = raw.get("id") if isinstance(raw, dict) else None
        rejection = Rejection(index, event_id if isinstance(event_id, str) else None, problem.code, problem.detail)
        return rejection, letter(rejection, raw, self._pseudonymise, now.isoformat(), key.name)

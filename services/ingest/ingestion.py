"""What happens to one request's events: read, admit or reject each, publish, answer. The middle of the service."""

from collections import Counter
from typing import Any, NamedTuple

from services.ingest.admission import FUTURE_TOLERANCE, Admission, Fact, instant_of, make_fact
from services.ingest.auth import Key
from services.ingest.dead_letters import Redaction, letter
from services.ingest.envelope import Envelope
from services.ingest.http_binding import Headers, Reading, read_request
from services.ingest.instruments import Instruments
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.publisher import Publisher
from services.ingest.rejections import FORBIDDEN, NotAdmittedError, ProblemError, Rejection
from shared.domain.clock import Clock


class Outcome(NamedTuple):
    """What became of a request's events."""

    accepted: int
    rejected: list[Rejection]


class Ingestion:
    """Takes requests in; everything it needs is given to it."""

    def __init__(
        self,
        admission: Admission,
        pseudonymise: Pseudonymiser,
        publisher: Publisher,
        instruments: Instruments,
        clock: Clock,
        max_events: int,
    ) -> None:
        self._admission = admission
        self._pseudonymise = pseudonymise
        self._publisher = publisher
        self._measurements = instruments
        self._clock = clock
        self._max_events = max_events

    async def take(self, headers: Headers, body: bytes, key: Key) -> Outcome:
        """Admit and publish the events of one request; returns once they are durable.

        Raises:
            ProblemError: the request cannot be read, or the key may send none of it.
            StoreUnavailableError: nothing may be acknowledged.
        """
        reading = read_request(headers, body, self._max_events)
        now = self._clock()
        facts, problems = self._admitted(reading, key, instant_of(now + FUTURE_TOLERANCE))
        if problems and not facts and all(problem.code in FORBIDDEN for problem in problems.values()):
            raise ProblemError(403, "Not allowed with this key", next(iter(problems.values())).detail())
        raw = reading.raw() if problems else []
        letters = [
            letter(problem, raw[index], self._pseudonymise, now.isoformat(), key.name)
            for index, problem in problems.items()
        ]
        if facts or letters:
            await self._publisher.publish(facts, letters)
        self._measure(facts, problems)
        rejected = [
            Rejection(index, _id_of(raw[index]), problem.code, problem.detail()) for index, problem in problems.items()
        ]
        return Outcome(len(facts), rejected)

    def _admitted(self, reading: Reading, key: Key, latest: int) -> tuple[list[Fact], dict[int, NotAdmittedError]]:
        facts: list[Fact] = []
        problems: dict[int, NotAdmittedError] = {}
        for index, event in enumerate(reading.events):
            if isinstance(event, NotAdmittedError):
                problems[index] = event
                continue
            try:
                facts.append(self._fact(event, key, latest))
            except NotAdmittedError as problem:
                problems[index] = problem
        return facts, problems

    def _fact(self, event: Envelope, key: Key, latest: int) -> Fact:
        admitted = self._admission.admit(event, key, latest)
        subject = event["subject"]
        entity = self._pseudonymise(subject)
        if subject in admitted.id:
            admitted = admitted._replace(id=Redaction(subject, self._pseudonymise).text(admitted.id))
        return make_fact((admitted, entity))

    def _measure(self, facts: list[Fact], problems: dict[int, NotAdmittedError]) -> None:
        for stream, number in Counter([fact.admitted.stream for fact in facts]).items():
            self._measurements.accepted.labels(stream).inc(number)
        for problem in problems.values():
            self._measurements.rejected.labels(problem.code).inc()


def _id_of(raw: Any) -> str | None:
    event_id = raw.get("id") if isinstance(raw, dict) else None
    return event_id if isinstance(event_id, str) else None

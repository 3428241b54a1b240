"""Ingestion of one request's events: parse, admit or reject each, publish, report. The middle of the service."""

import datetime as dt
from collections import Counter
from typing import Any, NamedTuple

from services.ingest.admission import FUTURE_TOLERANCE, Admission, LoggedEvent, instant_of, make_logged_event
from services.ingest.dead_letter_content import ContentFilter
from services.ingest.dead_letters import DeadLetterRecord, dead_letter_record
from services.ingest.envelope import Envelope
from services.ingest.http_binding import Headers, ParsedRequest, parse_request
from services.ingest.instruments import Instruments
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.publisher import Publisher
from services.ingest.rejections import FORBIDDEN, EventRejectedError, NotAdmittedError, RequestRefusedError
from shared.contracts.ingest import Rejection
from shared.domain.clock import Clock
from shared.http.keys import Key


class Outcome(NamedTuple):
    """What became of a request's events."""

    accepted: int
    rejected: list[Rejection]


class Ingestion:
    """Ingests requests; everything it needs is given to it."""

    def __init__(
        self,
        admission: Admission,
        pseudonymise: Pseudonymiser,
        contents: ContentFilter,
        publisher: Publisher,
        instruments: Instruments,
        clock: Clock,
        max_events: int,
    ) -> None:
        self._admission = admission
        self._pseudonymise = pseudonymise
        self._contents = contents
        self._publisher = publisher
        self._instruments = instruments
        self._clock = clock
        self._max_events = max_events

    def now(self) -> dt.datetime:
        """Now by the clock that times are checked against; senders record their statements by it."""
        return self._clock()

    async def ingest(self, headers: Headers, body: bytes, key: Key) -> Outcome:
        """Admit and publish the events of one request; returns once they are durable.

        Raises:
            RequestRefusedError: the request cannot be parsed, or the key may send none of it.
            EventRejectedError: the request was one event, and it is a dead letter now.
            StoreUnavailableError: nothing may be acknowledged.
        """
        events, dead_letters, rejected, refusal = self._judged(headers, body, key)
        if events or dead_letters:
            await self._publisher.publish(events, dead_letters)
        self._count(events, rejected)
        if refusal is not None:
            raise refusal
        return Outcome(len(events), rejected)

    def _judged(
        self, headers: Headers, body: bytes, key: Key
    ) -> tuple[list[LoggedEvent], list[DeadLetterRecord], list[Rejection], EventRejectedError | None]:
        """What is admitted, stored of the rest, and said of it; of a single event by an error.

        The parsed request, many times the size of its body, ends here: it must not wait for the store.
        """
        request = parse_request(headers, body, self._max_events)
        now = self.now()
        events, problems = self._admitted(request, key, instant_of(now + FUTURE_TOLERANCE))
        if problems and not events and all(problem.code in FORBIDDEN for problem in problems.values()):
            raise RequestRefusedError(403, "Not allowed with this key", next(iter(problems.values())).detail())
        raw = request.raw() if problems else []
        dead_letters = [
            dead_letter_record(problem, raw[index], self._contents, now.isoformat(), key.name)
            for index, problem in problems.items()
        ]
        rejected = [
            Rejection(index=index, id=_id_of(raw[index]), code=problem.code, detail=problem.detail())
            for index, problem in problems.items()
        ]
        refusal = EventRejectedError(problems[0], rejected[0].id) if request.single and problems else None
        return events, dead_letters, rejected, refusal

    def _admitted(
        self, request: ParsedRequest, key: Key, latest: int
    ) -> tuple[list[LoggedEvent], dict[int, NotAdmittedError]]:
        events: list[LoggedEvent] = []
        problems: dict[int, NotAdmittedError] = {}
        for index, event in enumerate(request.events):
            if isinstance(event, NotAdmittedError):
                problems[index] = _without_frames(event)
                continue
            try:
                events.append(self._logged_event(event, key, latest))
            except NotAdmittedError as problem:
                problems[index] = _without_frames(problem)
        return events, problems

    def _logged_event(self, event: Envelope, key: Key, latest: int) -> LoggedEvent:
        admitted = self._admission.admit(event, key, latest)
        pseudonymise = self._pseudonymise
        entity, digest = pseudonymise(event["subject"]), pseudonymise.digest_of_id(event["id"])
        return make_logged_event((admitted, entity, digest, key.logged))

    def _count(self, events: list[LoggedEvent], rejected: list[Rejection]) -> None:
        for stream, number in Counter([event.admitted.stream for event in events]).items():
            self._instruments.accepted.labels(stream).inc(number)
        for each in rejected:
            self._instruments.rejected.labels(each.code).inc()


def _without_frames(problem: NotAdmittedError) -> NotAdmittedError:
    """`problem` without the frames it came through: they hold it and the event, a cycle that is collected late."""
    problem.__cause__ = problem.__context__ = None
    return problem.with_traceback(None)


def _id_of(raw: Any) -> str | None:
    event_id = raw.get("id") if isinstance(raw, dict) else None
    return event_id if isinstance(event_id, str) else None

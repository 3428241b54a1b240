"""Ingest without HTTP and Redis: the same rules and packing; and what a log counts to, in the recount's form."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from services.ingest.admission import Admission, LoggedEvent
from services.ingest.envelope import validate_event
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.publisher import Write
from shared.domain.catalogue import load_catalogue
from shared.domain.clock import day_of
from shared.http.keys import Key
from shared.runtime.settings import ROOT
from tests.support.in_memory_store import InMemoryPartitionStore
from tests.support.recount import SECRET, Counts, Event

CATALOGUE = load_catalogue(ROOT / "deploy" / "catalogue")
PARTITIONS = 2

_admission = Admission(CATALOGUE)
_pseudonymise = Pseudonymiser(SECRET.encode())
_key = Key(name="test", sha256="0" * 64)
_latest = int(dt.datetime(2030, 1, 1, tzinfo=dt.UTC).timestamp()) * 10**9


def entries_of(request: Iterable[Event]) -> dict[tuple[str, int], bytes]:
    """What ingest publishes for one request: (stream, partition) -> packed entry."""
    events = [
        LoggedEvent(
            _admission.admit(validate_event(event), _key, _latest),
            _pseudonymise(event["subject"]),
            _pseudonymise.digest_of_id(event["id"]),
            _key.logged,
        )
        for event in request
    ]
    write = Write(PARTITIONS)
    write.add(events, [])
    return {place: builder.pack() for place, builder in write.entries.items()}


def counts_of(stores: Iterable[InMemoryPartitionStore]) -> Counts:
    """The counters of all stores in the recount's form."""
    total: Counts = defaultdict(int)
    for store in stores:
        for (key, day), count in store.counts.items():
            total[key.role, key.measure, key.unit, day_of(day)] += count
    return {counter: count for counter, count in total.items() if count}

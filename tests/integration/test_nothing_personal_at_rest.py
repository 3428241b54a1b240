"""Names, phones and ids in every place a sender can put them: none is at rest, in a log, a metric or a listing."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.support.bearer import TOKEN
from tests.support.processes import System, console
from tests.support.sample_events import DATA, PREFIX, event
from tests.support.waiting import wait_until

PERSONAL = ("Nguyễn Văn An", "Tran Thi Binh", "0905999888", "0905 999 888", "079203001234", "an.nguyen@example.vn")
ATTRIBUTES = (
    "id",
    "source",
    "type",
    "subject",
    "time",
    "recordedtime",
    "specversion",
    "partitionkey",
    "Subject",
    "name",
)


def events() -> Iterator[dict[str, Any]]:
    """Accepted and rejected ones of every type, with one of PERSONAL in each place."""
    for text in PERSONAL:
        for number, (kind, carried) in enumerate(DATA.items()):
            yield event(kind, id=f"{kind}/{text}/{number}", subject=f"{kind} {text}")
            for place in ATTRIBUTES:
                yield event(kind, id=f"{place} {number}", subject=f"{place} of {text}") | {place: text}
                yield event(kind, id=f"{place} {number}") | {place: {text: [text]}}
            for name in (*(carried or {}), "phone"):
                yield event(kind, data={**(carried or {}), name: text, text: text})
            hidden = base64.b64encode(json.dumps({"unit": text, "reason": text}).encode()).decode()
            yield event(kind, data=None, data_base64=hidden)
            yield event(kind, type=f"{PREFIX}{text}", data={"records": [{"name": text}]})


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with System(tmp_path_factory.mktemp("personal")) as started:
        started.start()
        yield started


def test_nothing_personal_is_left_after_a_run(system: System) -> None:
    made = list(events())
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/cloudevents-batch+json"}
    answers = [
        system.ingest.client.post("/v1/events", json=made[start : start + 200], headers=headers).json()
        for start in range(0, len(made), 200)
    ]
    assert sum(answer["accepted"] for answer in answers) >= len(PERSONAL) * len(DATA)
    assert sum(len(answer["rejected"]) for answer in answers) > 100
    wait_until(lambda: system.metrics.get("/v1/positions")["waiting"] == 0, "everything is counted")
    listing = system.service("deadletters list --json", console)
    listing.command[:] = ["deadletters", "list", "--json"]
    listing.start()
    assert listing.exit_code() == 0
    everything = listing.output.encode() + _at_rest(system)
    assert b"pseudonym:" in everything
    for text in PERSONAL:
        for written in (text, json.dumps(text)[1:-1]):
            assert written.encode() not in everything, text


def _at_rest(system: System) -> bytes:
    parts = [service.output.encode() for service in system.services]
    parts += [service.client.get("/metrics").content for service in (system.ingest, system.metrics)]
    parts += [system.metrics.client.get("/v1/reconciliation/unmatched", params=UNMATCHED).content]
    parts += [file.read_bytes() for file in (Path(system.folder) / "appendonlydir").iterdir()]
    with Redis.from_url(system.valkey.url) as redis:
        parts += list(redis.scan_iter(count=1000))
    return b"".join(parts)


UNMATCHED = {"month": "2023-06", "unit": "an-nhon", "target": "1"}

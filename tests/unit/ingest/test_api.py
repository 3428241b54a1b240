"""The answers of ingest: one event that is rejected, an answer without content, compression, the web hook handshake."""

import asyncio
import base64
import gzip
import json
from typing import Any, cast
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from faststream.redis import RedisBroker

from services.ingest.admission import Admission, LoggedEvent
from services.ingest.api import build_api
from services.ingest.dead_letter_content import ContentFilter
from services.ingest.dead_letters import DeadLetterRecord
from services.ingest.ingestion import Ingestion
from services.ingest.instruments import Instruments
from services.ingest.monitor import StoreMonitor
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.publisher import Publisher
from services.ingest.request_guard import RequestGuard
from tests.support.bearer import TOKEN, authentication
from tests.support.sample_events import NOW, catalogue, event

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


class Published:
    """Stands in for the publisher: keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[LoggedEvent] = []
        self.dead_letters: list[DeadLetterRecord] = []

    async def publish(self, events: list[LoggedEvent], dead_letters: list[DeadLetterRecord]) -> None:
        self.events += events
        self.dead_letters += dead_letters


class OpenStore:
    store = "the store"


def application(published: Published, *origins: str) -> FastAPI:
    instruments = Instruments()
    pseudonymise = Pseudonymiser(b"only for tests")
    ingestion = Ingestion(
        Admission(catalogue()),
        pseudonymise,
        ContentFilter(catalogue(), pseudonymise),
        cast("Publisher", published),
        instruments,
        lambda: NOW,
        max_events=10,
    )
    guard = RequestGuard(authentication(), instruments, 10, 5000, 50_000)
    monitor = cast("StoreMonitor", OpenStore())
    return build_api(ingestion, guard, monitor, instruments, catalogue(), RedisBroker(), webhook_origins=origins)


def ask(app: FastAPI, method: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    async def answer() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ingest") as client:
            return await client.request(
                method, "/v1/events", content=body, headers=headers | {"Authorization": f"Bearer {TOKEN}"}
            )

    return asyncio.run(answer())


def post(
    body: Any, content_type: str = STRUCTURED, published: Published | None = None, **headers: str
) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(application(published or Published()), "POST", content, {"Content-Type": content_type} | named)


def binary(raw: dict[str, Any], published: Published | None = None) -> httpx.Response:
    headers = {f"ce_{name}": quote(value) for name, value in raw.items() if isinstance(value, str)}
    return post(raw.get("data"), "application/json", published, **headers)


REJECTED: list[tuple[dict[str, Any], str, str | None]] = [
    (event(data={"unit": "hanoi", "holder": "member"}), "unknown_unit", "data.unit"),
    (event(data={"unit": "an-nhon"}), "missing_attribute", "data.holder"),
    (event(subject=None), "missing_attribute", "subject"),
    (event(source="urn:nobody"), "unknown_source", "source"),
    (event(type="x"), "unknown_type", "type"),
    (event(time="2023-06-30T08:15:00"), "time_without_offset", "time"),
    (event(time="2023-02-30T08:15:00Z"), "invalid_time", "time"),
    (event(id="a\0b"), "invalid_attribute", "id"),
    (event(id="\uffff"), "invalid_attribute", "id"),
    (event(subject="a\x1bb"), "invalid_attribute", "subject"),
    (event(subject="\u200b \ufe0f"), "invalid_attribute", "subject"),
    (event(specversion="0.3"), "unsupported_specversion", "specversion"),
    (event(data="text"), "invalid_data", "data"),
    (event(data={"unit": "\ud800"}), "unreadable_event", None),
]


@pytest.mark.parametrize(("raw", "code", "field"), REJECTED)
def test_one_event_that_is_rejected_is_a_problem_in_every_mode_and_a_row_in_a_batch(
    raw: dict[str, Any], code: str, field: str | None
) -> None:
    published = Published()
    answers = [post(raw, published=published), binary(raw, published)]
    row = post([raw, event()], BATCH, published)
    assert row.status_code == 202
    (listed,) = row.json()["rejected"]
    assert (row.json()["accepted"], listed["index"], listed["code"]) == (1, 0, code)
    for answer in answers:
        problem = answer.json()
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert (problem["code"], problem["field"], problem["id"]) == (code, field, raw["id"])
        assert problem["detail"]
        assert field is None or problem["detail"].startswith(field)
    assert [letter["code"] for letter in published.dead_letters] == [code] * 3
    assert len(published.events) == 1


def test_a_value_that_is_no_event_is_a_problem_without_attribute() -> None:
    problem = post(7).json()
    assert (problem["status"], problem["code"], problem["field"], problem["id"]) == (422, "not_an_event", None, None)


@pytest.mark.parametrize("prefer", ["return=minimal", 'Return="minimal"', "wait=5, return=minimal; foo=1"])
def test_an_answer_without_content_is_given_where_it_is_wanted_and_all_is_accepted(prefer: str) -> None:
    for answer in (post(event(), Prefer=prefer), post([event()], BATCH, Prefer=prefer)):
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["preference-applied"] == "return=minimal"
        assert "content-length" not in answer.headers
    partly = post([event(), 7], BATCH, Prefer=prefer)
    assert (partly.status_code, len(partly.json()["rejected"])) == (202, 1)
    assert post(7, Prefer=prefer).status_code == 422


@pytest.mark.parametrize("prefer", ["", "return=representation", "return=minimalist", "minimal"])
def test_without_that_wish_there_is_content(prefer: str) -> None:
    assert post(event(), Prefer=prefer).json() == {"accepted": 1, "rejected": []}


def test_a_compressed_body_is_read_within_the_limit_of_its_content() -> None:
    packed = gzip.compress(json.dumps(event()).encode())
    assert post(packed, Content_Encoding="gzip").json() == {"accepted": 1, "rejected": []}
    assert post(gzip.compress(b" " * 5001), Content_Encoding="gzip").status_code == 413
    assert post(packed).status_code == 400
    refused = post(packed, Content_Encoding="br")
    assert (refused.status_code, refused.headers["accept-encoding"]) == (415, "gzip")
    assert "'br'" in refused.json()["detail"]


def test_a_byte_order_mark_is_ignored_in_every_mode() -> None:
    mark = b"\xef\xbb\xbf"
    raw = json.dumps(event()).encode()
    headers = {f"ce-{name}": quote(value) for name, value in event().items() if isinstance(value, str)}
    data = mark + json.dumps(event()["data"]).encode()
    answers = [
        post(mark + raw),
        post(mark + b"[" + raw + b"]", BATCH),
        ask(application(Published()), "POST", data, headers | {"Content-Type": "application/json"}),
    ]
    assert [answer.json() for answer in answers] == [{"accepted": 1, "rejected": []}] * 3


def test_one_household_is_one_however_it_is_spelled() -> None:
    published = Published()
    for subject in ("bài", "ba\u0300i", " bài\u00a0", "b\u200bài"):
        assert post(event(subject=subject), published=published).status_code == 202
        assert binary(event(subject=subject), published).status_code == 202
    assert len({logged.entity for logged in published.events}) == 1


def test_data_base64_is_json_only_by_its_name() -> None:
    packed = base64.b64encode(json.dumps(event()["data"]).encode()).decode()
    raw = event(data=None, data_base64=packed)
    assert post(raw | {"datacontenttype": "application/json"}).status_code == 202
    for named in ({}, {"datacontenttype": "text/plain"}, {"datacontenttype": None}):
        assert post(raw | named).json()["code"] == "invalid_data"


def test_the_handshake_of_web_hooks_is_answered_where_it_is_allowed() -> None:
    def allowed(*origins: str) -> str | None:
        app = application(Published(), *origins)
        answer = ask(app, "OPTIONS", b"", {"WebHook-Request-Origin": "events.example.vn"})
        assert (answer.status_code, answer.headers["allow"]) == (200, "OPTIONS, POST")
        origin: str | None = answer.headers.get("webhook-allowed-origin")
        return origin

    assert allowed("events.example.vn", "other.example.vn") == "events.example.vn"
    assert allowed("*") == "*"
    assert allowed("other.example.vn") is None
    assert allowed() is None

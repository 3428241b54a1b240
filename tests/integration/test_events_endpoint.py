"""The HTTP API of ingest as upstream meets it: a real process on a real Valkey."""

import json

import httpx
import pytest
from redis import Redis

from shared.contracts.ingest import Code
from shared.log.keys import DEADLETTERS
from shared.runtime.settings import ROOT
from tests.integration.conftest import BATCH, LIMITED_TOKEN, STRUCTURED, Ingest, assert_problem, post_events
from tests.support import log_reader
from tests.support.bearer import TOKEN
from tests.support.sample_events import DATA, RECORD, event


def test_every_type_is_accepted(ingest: Ingest) -> None:
    response = post_events(ingest, [event(name, id=name) for name in DATA])
    assert (response.status_code, response.json()) == (202, {"accepted": 8, "rejected": []})


def test_a_batch_keeps_its_good_events_and_says_what_is_wrong_with_the_others(ingest: Ingest) -> None:
    with Redis.from_url(ingest.valkey, decode_responses=True) as redis:
        before = redis.xlen(DEADLETTERS)
        response = post_events(
            ingest, [event(), event(id="b", data={"unit": "hanoi", "holder": "member"}), 7, event(time="x")]
        )
        answer = response.json()
        assert (response.status_code, answer["accepted"]) == (202, 1)
        assert [(row["index"], row["id"], row["code"]) for row in answer["rejected"]] == [
            (1, "b", "unknown_unit"),
            (2, None, "not_an_event"),
            (3, "e-1", "invalid_time"),
        ]
        assert redis.xlen(DEADLETTERS) == before + 3
    records = log_reader.dead_letters(ingest.valkey, 3)
    assert [record["code"] for record in reversed(records)] == ["unknown_unit", "not_an_event", "invalid_time"]
    assert {record["key"] for record in records} == {"tests"}


def test_a_dead_letter_keeps_no_extension_attributes(ingest: Ingest) -> None:
    post_events(ingest, [event(data={"unit": "hanoi", "holder": "member"}, partitionkey="p1")])
    (record,) = log_reader.dead_letters(ingest.valkey, 1)
    assert "partitionkey" not in json.loads(record["event"])


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer nobody"}, {"Authorization": f"Basic {TOKEN}"}],
)
def test_without_a_known_key_nothing_is_read(ingest: Ingest, headers: dict[str, str]) -> None:
    response = httpx.post(f"{ingest.url}/v1/events", content=b"{", headers={"Content-Type": BATCH, **headers})
    assert_problem(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_is_read_without_regard_to_case(ingest: Ingest) -> None:
    headers = {"Authorization": f"bearer {TOKEN}", "Content-Type": STRUCTURED}
    assert ingest.client.post("/v1/events", json=event(), headers=headers).status_code == 202


FORBIDDEN = [
    (event("article.published"), Code.FORBIDDEN_TYPE),
    (event(source=RECORD), Code.FORBIDDEN_SOURCE),
    (event(data={"unit": "quy-nhon", "holder": "member"}), Code.FORBIDDEN_UNIT),
]


def test_a_request_of_which_nothing_may_be_sent_is_403_and_leaves_nothing(ingest: Ingest) -> None:
    with Redis.from_url(ingest.valkey) as redis:
        before = redis.xlen(DEADLETTERS)
        for raw, _ in FORBIDDEN:
            assert "may not send" in assert_problem(post_events(ingest, [raw], LIMITED_TOKEN), 403)["detail"]
        assert_problem(post_events(ingest, [raw for raw, _ in FORBIDDEN], LIMITED_TOKEN), 403)
        assert redis.xlen(DEADLETTERS) == before


def test_in_a_mixed_batch_each_forbidden_event_has_its_own_code(ingest: Ingest) -> None:
    answer = post_events(ingest, [event(), *(raw for raw, _ in FORBIDDEN)], LIMITED_TOKEN).json()
    assert answer["accepted"] == 1
    assert [row["code"] for row in answer["rejected"]] == [code for _, code in FORBIDDEN]
    answer = post_events(ingest, [FORBIDDEN[0][0], event(time="x")], LIMITED_TOKEN).json()
    assert [row["code"] for row in answer["rejected"]] == ["forbidden_type", "invalid_time"]


def test_a_body_over_the_limit_is_413_declared_or_not(ingest: Ingest) -> None:
    large = b"[" + b" " * 1024 * 1024 + b"]"
    assert_problem(post_events(ingest, large), 413)
    response = ingest.client.post(
        "/v1/events",
        content=(large[n : n + 65536] for n in range(0, len(large), 65536)),
        headers={"Content-Type": BATCH},
    )
    assert_problem(response, 413)
    exact = b"[" + b" " * (1024 * 1024 - 2) + b"]"
    assert post_events(ingest, exact).status_code == 202


def test_chunked_bodies_are_read(ingest: Ingest) -> None:
    body = json.dumps(event()).encode()
    response = ingest.client.post(
        "/v1/events", content=(body[n : n + 10] for n in range(0, len(body), 10)), headers={"Content-Type": STRUCTURED}
    )
    assert response.json() == {"accepted": 1, "rejected": []}


def test_more_events_than_a_batch_may_hold_are_413(ingest: Ingest) -> None:
    assert post_events(ingest, [event("account.transacted", id=str(n)) for n in range(1000)]).json()["accepted"] == 1000
    assert "1001" in assert_problem(post_events(ingest, [event()] * 1001), 413)["detail"]


def test_what_cannot_be_read_is_a_problem(ingest: Ingest) -> None:
    assert_problem(post_events(ingest, b"{"), 400)
    assert_problem(ingest.client.post("/v1/events", json=event()), 415)
    assert_problem(ingest.client.get("/v1/events"), 405)
    assert_problem(ingest.client.get("/nothing"), 404)


def test_types_units_and_sources_are_listed_without_addresses(ingest: Ingest) -> None:
    listed = ingest.client.get("/v1/catalogue")
    assert listed.status_code == 200
    assert len(listed.json()["units"]) == 20
    assert "leader" not in listed.text


def test_the_document_it_serves_is_the_committed_one(ingest: Ingest) -> None:
    committed = (ROOT / "docs" / "openapi-ingest.json").read_text(encoding="utf-8")
    assert ingest.client.get("/openapi.json").json() == json.loads(committed)
    assert ingest.client.get("/docs").status_code == 404


def test_readiness_says_how_durable_the_store_is(ingest: Ingest) -> None:
    with Redis.from_url(ingest.valkey) as redis:
        ready = ingest.client.get("/readyz").json()
        assert ready["durability"] == "always"
        assert ready["store"] == redis.hget("pulse:store", "id").decode()
        for option, weaker, message in (("appendfsync", "everysec", "everysec"), ("appendonly", "no", "off")):
            strong = redis.config_get(option)[option]
            redis.config_set(option, weaker)
            assert ingest.client.get("/readyz").json()["durability"] == message
            assert "pulse_ingest_durable 0.0" in ingest.client.get("/metrics").text
            redis.config_set(option, strong)
    assert ingest.client.get("/readyz").json()["durability"] == "always"
    assert "pulse_ingest_durable 1.0" in ingest.client.get("/metrics").text


def test_events_and_refusals_are_measured(ingest: Ingest) -> None:
    def value(line: str) -> float:
        rows = [row for row in ingest.client.get("/metrics").text.splitlines() if row.startswith(line + " ")]
        return float(rows[0].rpartition(" ")[2])

    names = [
        'pulse_ingest_accepted_total{stream="accounts"}',
        'pulse_ingest_rejected_total{code="not_an_event"}',
        'pulse_ingest_refused_total{status="400"}',
    ]
    before = [value(name) for name in names]
    post_events(ingest, [event(), 7])
    post_events(ingest, b"{")
    assert [value(name) for name in names] == [number + 1 for number in before]
    assert value("pulse_ingest_in_flight") == 0

"""Whatever is sent, ingest answers 202 or 4xx, and no subject goes further than the door."""

import base64
import json
import socket
from typing import Any
from urllib.parse import quote, urlparse

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from tests.integration.conftest import BATCH, STRUCTURED, Ingest
from tests.support.bearer import TOKEN
from tests.support.sample_events import DATA, event

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["an-nhon", "member", "online", "2023-06-30T08:15:00+07:00", "9" * 5000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
CHANGES = st.dictionaries(
    st.sampled_from([*event(), "data_base64", "datacontenttype", "x"]), VALUES | st.binary().map(repr), max_size=4
)
DATA_CHANGES = st.dictionaries(st.sampled_from(["unit", "holder", "filer", "supported", "reason"]), VALUES, max_size=3)
TYPES = st.sampled_from(
    ["", STRUCTURED, BATCH, f"{BATCH};charset=utf-8", "application/json", "text/plain", "application/cloudevents+xml"]
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(DATA)))
    made = event(name) | draw(CHANGES)
    if isinstance(made.get("data"), dict):
        made["data"] = made["data"] | draw(DATA_CHANGES)
    return made


def answered(ingest: Ingest, body: bytes, headers: dict[str, str]) -> int:
    response = ingest.client.post("/v1/events", content=body, headers=headers)
    assert response.status_code == 202 or 400 <= response.status_code < 500, response.text
    if response.status_code != 202:
        assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code


@FUZZ
@given(body=st.binary(max_size=200), media_type=TYPES)
def test_any_bytes(ingest: Ingest, body: bytes, media_type: str) -> None:
    answered(ingest, body, {"Content-Type": media_type})
    answered(ingest, b"[" + body + b"]", {"Content-Type": media_type, "ce-id": "1"})


@FUZZ
@given(made=VALUES | events() | st.lists(events() | VALUES, max_size=4), media_type=TYPES)
def test_any_json(ingest: Ingest, made: Any, media_type: str) -> None:
    body = json.dumps(made).encode()
    answered(ingest, body, {"Content-Type": media_type})
    answered(ingest, body, {"Content-Type": media_type, "ce-id": "1", "ce-specversion": "1.0"})


NAMES = st.sampled_from(["ce-id", "CE-TIME", "ce-subject", "ce-source", "ce-type", "ce-specversion", "ce-", "ce-data"])
HEADER_NAMES = NAMES | st.sampled_from(["content-type", "content-encoding", "x", "authorization"])
HEADER_VALUES = st.binary(max_size=30).map(lambda value: value.translate(None, b"\r\n\0"))


@FUZZ
@given(headers=st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=6), body=st.binary(max_size=30))
def test_any_headers(ingest: Ingest, headers: list[tuple[str, bytes]], body: bytes) -> None:
    place = urlparse(ingest.url)
    lines = [b"POST /v1/events HTTP/1.1", b"Host: x", b"Connection: close", b"Authorization: Bearer " + TOKEN.encode()]
    lines += [name.encode() + b": " + value for name, value in headers]
    lines += [b"Content-Length: " + str(len(body)).encode(), b"", body]
    with socket.create_connection((str(place.hostname), int(place.port or 0))) as connection:
        connection.sendall(b"\r\n".join(lines))
        status = connection.recv(4096).split(b" ")[1]
    assert status == b"202" or status.startswith(b"4")


SUBJECTS = st.text("ghjkmpqrvwxyzăơ-'\"/ ", min_size=8, max_size=24).filter(
    lambda text: text == text.strip() and len({dead_letter for dead_letter in text if dead_letter.isalpha()}) > 2
)


@st.composite
def telling_events(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An event whose subject turns up in other places as well, as text, in base64, or as a number's digits."""
    subject = draw(SUBJECTS)
    hiding: Any = draw(st.sampled_from([subject, [subject], {subject: 1}, f"<{subject}>", "x" * 60 + subject]))
    made = event(
        draw(st.sampled_from(sorted(DATA))), subject=draw(st.sampled_from([subject, [subject], {"id": subject}]))
    )
    place = draw(
        st.sampled_from(["id", "time", "source", "type", "specversion", "x", "unit", "data", "data_base64", None])
    )
    if place == "unit":
        made["data"] = {"unit": hiding, "holder": subject}
    elif place == "data_base64":
        made.pop("data", None)
        made[place] = base64.b64encode(json.dumps({"unit": hiding}).encode()).decode()
    elif place is not None:
        made[place] = hiding
    return subject, made


def test_no_subject_reaches_the_store_a_log_or_a_metric(ingest: Ingest) -> None:
    subjects: set[str] = set()

    @FUZZ
    @given(sent=st.lists(telling_events(), min_size=1, max_size=4))
    def send(sent: list[tuple[str, dict[str, Any]]]) -> None:
        subjects.update(subject for subject, _ in sent)
        answered(ingest, json.dumps([made for _, made in sent]).encode(), {"Content-Type": BATCH})
        subject, made = sent[0]
        answered(ingest, json.dumps(made).encode(), {"Content-Type": STRUCTURED})
        if isinstance(made["subject"], str):
            headers = {f"ce-{name}": quote(value) for name, value in made.items() if isinstance(value, str)}
            answered(ingest, json.dumps({"unit": subject}).encode(), headers | {"Content-Type": "application/json"})

    send()
    with Redis.from_url(ingest.valkey) as redis:
        everything = ingest.output.encode() + ingest.client.get("/metrics").content
        everything += b"".join(key for key in redis.scan_iter(count=1000))
    for file in (ingest.system.folder / "appendonlydir").iterdir():
        everything += file.read_bytes()
    assert b"pseudonym:" in everything
    assert b"moved away" not in everything
    for subject in subjects:
        for stored in (subject, json.dumps(subject)[1:-1], json.dumps(subject, ensure_ascii=False)[1:-1]):
            assert stored.encode() not in everything, subject


def test_nothing_of_ours_failed(ingest: Ingest) -> None:
    assert "Traceback" not in ingest.output
    assert '"level": "error"' not in ingest.output

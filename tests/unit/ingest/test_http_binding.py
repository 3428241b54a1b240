"""ParsedRequest requests: the three content modes, and what makes a whole request unreadable."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from services.ingest.http_binding import ParsedRequest, parse_request
from services.ingest.rejections import NotAdmittedError, RequestRefusedError
from shared.contracts.ingest import Code
from tests.support.sample_events import DATA, event

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
MAX = 3


def read(content_type: str | None, body: Any, *headers: tuple[str, str]) -> ParsedRequest:
    named = [] if content_type is None else [("content-type", content_type)]
    return parse_request([*named, *headers], body if isinstance(body, bytes) else json.dumps(body).encode(), MAX)


def envelope(reading: ParsedRequest) -> Any:
    (result,) = reading.events
    assert not isinstance(result, NotAdmittedError), result.detail()
    return result


def problem(reading: ParsedRequest, index: int = 0) -> NotAdmittedError:
    result = reading.events[index]
    assert isinstance(result, NotAdmittedError)
    return result


def status(content_type: str | None, body: Any, *headers: tuple[str, str]) -> int:
    with pytest.raises(RequestRefusedError) as caught:
        read(content_type, body, *headers)
    assert str(caught.value)
    return caught.value.status


def in_headers(raw: dict[str, Any]) -> list[tuple[str, str]]:
    return [(f"ce-{name}", quote(value, safe="")) for name, value in raw.items() if name != "data"]


@pytest.mark.parametrize(
    "content_type",
    [
        STRUCTURED,
        "Application/CloudEvents+JSON",
        f'{STRUCTURED}; charset="UTF-8"',
        f"{STRUCTURED};profile=x;charset=utf8",
    ],
)
def test_structured(content_type: str) -> None:
    assert envelope(read(content_type, event())) == event()


@pytest.mark.parametrize("content_type", [BATCH, "APPLICATION/CLOUDEVENTS-BATCH+JSON ; charset=utf-8"])
def test_batch(content_type: str) -> None:
    reading = read(content_type, [event(id="a"), event(id="b", extension="x")])
    assert [result["id"] for result in reading.events if isinstance(result, dict)] == ["a", "b"]
    assert reading.raw()[1]["extension"] == "x"


def test_binary() -> None:
    result = envelope(read("application/json", DATA["account.opened"], *in_headers(event())))
    assert result == event()


@pytest.mark.parametrize(
    "content_type", [None, "text/json", "application/vnd.x+json; charset=utf-8", "Application/JSON"]
)
def test_binary_data_is_json_under_any_of_its_names(content_type: str | None) -> None:
    assert envelope(read(content_type, DATA["account.opened"], *in_headers(event())))["data"] == DATA["account.opened"]


def test_binary_without_data_needs_no_media_type() -> None:
    raw = event("account.transacted")
    assert envelope(read(None, b"", *in_headers(raw))) == raw
    assert envelope(read("text/plain", b"", *in_headers(raw))) == raw


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("https://an-nh%C6%A1n.vn/b%C3%A0i%201", "https://an-nhơn.vn/bài 1"),
        ("50%25", "50%"),
        ("a%2Bb+c", "a+b+c"),
        ('"quoted value"', "quoted value"),
        (r'"a \"b\" \\ c"', r'a "b" \ c'),
        ("bài".encode().decode("latin-1"), "bài"),
        ("%", "%"),
    ],
)
def test_header_values_are_unquoted_and_percent_decoded_once(sent: str, meant: str) -> None:
    headers = [("ce-subject", sent) if name == "ce-subject" else (name, value) for name, value in in_headers(event())]
    assert envelope(read("application/json", b"", *headers))["subject"] == meant


@pytest.mark.parametrize("sent", ["%FF", "%C3", "%ED%A0%80", "b\xe0i", "%C0%80"])
def test_a_header_that_is_not_utf_8_is_refused(sent: str) -> None:
    assert status("application/json", b"", ("ce-id", "1"), ("ce-subject", sent)) == 400


def test_a_header_sent_twice_is_refused() -> None:
    assert status("application/json", b"", ("ce-id", "1"), ("ce-id", "2")) == 400


def test_data_comes_from_the_body_alone() -> None:
    headers = [*in_headers(event()), ("ce-data", "x"), ("ce-data_base64", "eA=="), ("ce-datacontenttype", "text/xml")]
    assert "data" not in envelope(read("application/json", b"", *headers))


def test_structured_mode_wins_over_headers() -> None:
    assert envelope(read(STRUCTURED, event(id="in the body"), ("ce-id", "in a header")))["id"] == "in the body"


def test_data_base64_holds_json_data() -> None:
    packed = base64.b64encode(json.dumps(DATA["account.opened"]).encode()).decode()
    raw = event(data=None, data_base64=packed, datacontenttype="application/json")
    assert envelope(read(STRUCTURED, raw))["data"] == DATA["account.opened"]
    reading = read(BATCH, [event(), raw])
    assert [result["data"] for result in reading.events if isinstance(result, dict)] == [DATA["account.opened"]] * 2


@pytest.mark.parametrize("packed", ["?", "eA==", base64.b64encode(b"NaN").decode(), base64.b64encode(b"\xff").decode()])
def test_data_base64_of_anything_else_is_invalid(packed: str) -> None:
    raw = event(data=None, data_base64=packed, datacontenttype="application/json")
    assert problem(read(STRUCTURED, raw)).code == Code.INVALID_DATA


def test_data_in_two_forms_is_invalid() -> None:
    assert problem(read(STRUCTURED, event(data_base64="e30="))).code == Code.INVALID_DATA


def test_a_bad_event_leaves_the_good_ones_of_a_batch() -> None:
    reading = read(BATCH, [event(id="a"), 7, event(id="")])
    assert isinstance(reading.events[0], dict)
    assert [problem(reading, 1).code, problem(reading, 2).code] == [Code.NOT_AN_EVENT, Code.EMPTY_ATTRIBUTE]
    assert reading.raw() == [event(id="a"), 7, event(id="")]


def test_a_name_given_twice_has_its_last_value() -> None:
    body = json.dumps(event())[:-1].encode() + b', "id": "second"}'
    assert envelope(read(STRUCTURED, body))["id"] == "second"
    assert envelope(read(BATCH, b"[" + body + b"]"))["id"] == "second"


def test_an_empty_batch_is_a_batch() -> None:
    assert read(BATCH, []).events == []


NOT_JSON = [
    b"",
    b"{",
    b"\xff\xfe",
    b'{"id": NaN}',
    b'{"id": -Infinity}',
    b'{"id": "\xed\xa0\x80"}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", NOT_JSON)
def test_what_is_not_json_is_400_in_every_mode(body: bytes) -> None:
    assert status(STRUCTURED, body) == 400
    assert status(BATCH, body) == 400
    assert status(BATCH, b"[" + json.dumps(event()).encode()[:-1] + b', "x": ' + body + b"}]") == 400
    if body:
        assert status("application/json", body, *in_headers(event())) == 400


@pytest.mark.parametrize("body", [event(), "events", 1, None])
def test_a_batch_is_an_array(body: Any) -> None:
    assert status(BATCH, body) == 400


def test_too_many_events_are_413_good_or_bad() -> None:
    assert len(read(BATCH, [event()] * MAX).events) == MAX
    assert status(BATCH, [event()] * (MAX + 1)) == 413
    assert status(BATCH, [0] * (MAX + 1)) == 413


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/cloudevents",
        "application/cloudevents+xml",
        "application/cloudevents-batch",
        "application/cloudevents-batch+avro",
        f"{STRUCTURED}; charset=utf-16",
        f"{STRUCTURED}; profile=x; charset=latin1",
        f"{BATCH}; charset=utf-16",
    ],
)
def test_other_media_types_are_415(content_type: str | None) -> None:
    assert status(content_type, [event()]) == 415


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/json; charset=latin1"])
def test_binary_data_of_another_type_is_415(content_type: str) -> None:
    assert status(content_type, b"x", *in_headers(event())) == 415

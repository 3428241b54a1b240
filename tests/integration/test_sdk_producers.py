"""The CloudEvents SDKs as producers: what they send, in every mode they manage, is accepted and means the same."""

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.http import to_binary, to_binary_event, to_structured, to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1 import conversion as v1
from cloudevents.v1.http import CloudEvent as V1CloudEvent

from tests.integration.conftest import BATCH, Ingest
from tests.support import log_reader as published
from tests.support.bearer import TOKEN
from tests.support.node import node_folder, run_node
from tests.support.sample_events import DATA, event

INSTANT = 1_688_087_700 * 10**9
OPENED = ("account.opened", {"unit": "an-nhon", "holder": "member"}, INSTANT)
TRANSACTED: tuple[str, dict[str, Any], int] = ("account.transacted", {}, INSTANT)


def attributes(name: str, event_id: str) -> dict[str, Any]:
    made = event(name, id=event_id, subject='tài khoản "1" 50%', datacontenttype="application/json", partitionkey="p1")
    made.pop("data", None)
    return made


def post(ingest: Ingest, headers: dict[str, str], body: bytes) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    response = ingest.client.post("/v1/events", content=body, headers=raw)
    assert (response.status_code, response.json()["rejected"]) == (202, []), response.text


def of(ingest: Ingest, *ids: str) -> dict[str, Any]:
    """What was published of the events with these ids."""
    found = published.events(ingest.valkey)
    return {each: found.get(published.digest_of(each)) for each in ids}


def sdk_event(name: str, event_id: str) -> CloudEvent:
    return CloudEvent(
        attributes(name, event_id) | {"time": dt.datetime.fromisoformat("2023-06-30T08:15:00+07:00")}, DATA[name]
    )


@pytest.mark.parametrize("write", [to_binary, to_structured])
def test_python(ingest: Ingest, write: Any) -> None:
    prefix = f"py-{write.__name__}"
    for name in DATA:
        message = write(sdk_event(name, f"{prefix}-{name}"), JSONFormat())
        post(ingest, message.headers, message.body)
    found = of(ingest, *(f"{prefix}-{name}" for name in DATA))
    assert None not in found.values()
    assert found[f"{prefix}-account.opened"] == OPENED
    assert found[f"{prefix}-account.transacted"] == TRANSACTED


@pytest.mark.parametrize("write", [to_binary_event, to_structured_event])
def test_python_with_its_default_format(ingest: Ingest, write: Any) -> None:
    message = write(sdk_event("account.opened", f"pd-{write.__name__}"))
    post(ingest, message.headers, message.body)
    assert of(ingest, f"pd-{write.__name__}") == {f"pd-{write.__name__}": OPENED}


def test_python_batch(ingest: Ingest) -> None:
    sent = [sdk_event("account.opened", "pb-1"), sdk_event("account.transacted", "pb-2")]
    body = b"[" + b",".join(to_structured_event(each).body for each in sent) + b"]"
    post(ingest, {"Content-Type": BATCH}, body)
    assert of(ingest, "pb-1", "pb-2") == {"pb-1": OPENED, "pb-2": TRANSACTED}


@pytest.mark.parametrize("write", [v1.to_binary, v1.to_structured])
def test_python_compatibility_interface(ingest: Ingest, write: Any) -> None:
    prefix = f"v1-{write.__name__}"
    for name in ("account.opened", "account.transacted"):
        headers, body = write(V1CloudEvent(attributes(name, f"{prefix}-{name}"), DATA[name]))
        post(ingest, headers, body or b"")
    found = of(ingest, f"{prefix}-account.opened", f"{prefix}-account.transacted")
    assert list(found.values()) == [OPENED, TRANSACTED]


def test_python_bytes_travel_as_base64(ingest: Ingest) -> None:
    data = json.dumps(DATA["account.opened"]).encode()
    message = to_structured_event(CloudEvent(sdk_event("account.opened", "p64").get_attributes(), data))
    assert b"data_base64" in message.body
    post(ingest, message.headers, message.body)
    assert of(ingest, "p64") == {"p64": OPENED}


def test_javascript(ingest: Ingest, tmp_path: Path) -> None:
    environment = os.environ | {"INGEST": ingest.url, "KEY": TOKEN}
    answers = [json.loads(line) for line in run_node(node_folder(tmp_path), "produce.mjs", environment).splitlines()]
    assert [(a["mode"], a["status"], a["answer"]["rejected"]) for a in answers] == [
        ("binary", 202, []),
        ("binary without data", 202, []),
        ("structured", 202, []),
        ("structured without data", 202, []),
        ("batch", 202, []),
    ]
    expected = {
        "js-binary": OPENED,
        "js-binary-bare": TRANSACTED,
        "js-structured": OPENED,
        "js-structured-bare": TRANSACTED,
        "js-batch-1": OPENED,
        "js-batch-2": TRANSACTED,
    }
    assert of(ingest, *expected) == expected

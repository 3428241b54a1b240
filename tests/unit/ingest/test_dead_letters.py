"""Dead letters: nothing a person could be known by in them, and enough left to admit the event later."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.dead_letter_content import WITHHELD, ContentFilter
from services.ingest.dead_letters import DeadLetterRecord, dead_letter_record, pseudonym_in
from services.ingest.envelope import validate_event
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.rejections import NotAdmittedError
from shared.contracts.ingest import Code
from tests.support.sample_events import PREFIX, catalogue, event

PSEUDONYMISE = Pseudonymiser(b"secret")
CONTENTS = ContentFilter(catalogue(), PSEUDONYMISE)
PERSONAL = ("Nguyễn Văn An", "Nguyen Van An", "0905999888", "0905-999-888", "079203001234", "an@example.vn")


def record(raw: Any, value: Any = None) -> DeadLetterRecord:
    problem = NotAdmittedError(Code.INVALID_VALUE, "data.unit {} is not a unit", value)
    return dead_letter_record(problem, raw, CONTENTS, "2023-07-01T00:00:00+00:00", "tests")


def stored_of(raw: Any) -> Any:
    return json.loads(record(raw)["event"])


def test_subject_and_id_are_stored_as_pseudonym_and_digest() -> None:
    stored = stored_of(event(subject="079203001234", id="open-079203001234"))
    assert pseudonym_in(stored["subject"]) == PSEUDONYMISE("079203001234")
    assert stored["id"] == f"digest:{PSEUDONYMISE.digest_of_id('open-079203001234').hex()}"
    assert "079203001234" not in json.dumps(stored)


PLACES = (
    "id", "source", "type", "subject", "time", "recordedtime", "specversion", "data", "data_base64", "Subject", "phone",
    "datacontenttype", "dataschema", "traceparent",
)  # fmt: skip


@pytest.mark.parametrize("text", PERSONAL)
@pytest.mark.parametrize("place", PLACES)
def test_no_place_of_an_event_brings_a_person_into_a_letter(place: str, text: str) -> None:
    for value in (text, [text], {text: text}, {"name": [{"deep": text}]}):
        kept = record(event() | {place: value}, value)
        assert text not in "".join(map(str, kept.values()))
        assert text.encode() not in json.dumps(kept).encode("ascii")


@pytest.mark.parametrize("text", PERSONAL)
@pytest.mark.parametrize("name", ["unit", "holder", "filer", "supported", "reason", "name", "event"])
@pytest.mark.parametrize("kind", ["account.opened", "account.closed", "dossier.filed", "no.such", ""])
def test_no_place_of_data_brings_one_either(kind: str, name: str, text: str) -> None:
    for value in (text, {"x": text}, [text]):
        raw = event() | {"type": PREFIX + kind, "data": {"unit": "an-nhon"} | {name: value, text: 1}}
        assert text not in "".join(map(str, record(raw, value).values()))
        packed = base64.b64encode(json.dumps(raw["data"]).encode()).decode()
        raw = {**raw, "data": None, "data_base64": packed}
        assert text not in "".join(map(str, record(raw, value).values()))
        assert packed not in record(raw)["event"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(PLACES), JSON), JSON)
def test_nothing_is_kept_but_what_may_be(members: dict[str, Any], value: Any) -> None:
    stored = stored_of(event() | members)
    assert stored.keys() <= {"specversion", "id", "source", "type", "subject", "time", "recordedtime", "data"}
    record(event() | members, value)


def test_what_a_catalogue_may_learn_is_kept() -> None:
    """A unit, source or type that is not there yet looks like a code, so that the event can be admitted later."""
    raw = event(
        source="urn:igate:gia-lai", type=f"{PREFIX}identity.activated", data={"unit": "an-hoa", "holder": "member"}
    )
    stored = stored_of(raw)
    assert (stored["source"], stored["type"], stored["data"]) == (raw["source"], raw["type"], raw["data"])
    assert "'an-hoa'" in record(raw, "an-hoa")["detail"]


def test_a_known_word_is_kept_though_it_is_the_subject() -> None:
    stored = stored_of(event("household.informed", subject="household", data={"unit": "hoai-an"}))
    assert (stored["type"], stored["data"]) == (f"{PREFIX}household.informed", {"unit": "hoai-an"})
    assert stored_of(event(subject="an-hoa", data={"unit": "an-hoa", "holder": "member"}))["data"]["unit"] == WITHHELD


def test_free_text_that_must_be_there_is_withheld_and_still_there() -> None:
    stored = stored_of(event("account.closed", data={"reason": "chủ tài khoản Trần Thị B chuyển đi"}))
    assert stored["data"] == {"reason": WITHHELD}


@pytest.mark.parametrize("subject", [792031445566, {"id": "792031445566"}, ["792031445566"], ""])
def test_a_subject_that_is_no_text_is_withheld(subject: Any) -> None:
    assert stored_of(event() | {"subject": subject})["subject"] == WITHHELD


@pytest.mark.parametrize("raw", [None, 1, "account-000001", ["account-000001"]])
def test_nothing_is_stored_of_what_is_no_event(raw: Any) -> None:
    assert record(raw)["event"] == "null"


@pytest.mark.parametrize("time", ["2023-06-30T08:15:00", "2023-02-30T08:15:00Z", "2023-06-30t08:15:00.123456789+07:00"])
def test_a_date_and_time_is_kept_as_it_was_sent(time: str) -> None:
    assert stored_of(event(time=time))["time"] == time


@pytest.mark.parametrize("time", ["2023-06-30T08:15:00.079203001234Z", "2023-06-30T08:15:00.0905999888", "0905999888"])
def test_a_number_that_is_no_second_is_withheld_as_a_time(time: str) -> None:
    """Twelve digits behind the second fitted into the length that was allowed."""
    assert stored_of(event(time=time, recordedtime=time))["time"] == WITHHELD
    assert stored_of(event(time=time, recordedtime=time))["recordedtime"] == WITHHELD


def test_a_lone_surrogate_is_stored_too() -> None:
    stored = stored_of(event(subject="\udfff", id="\udfff", data={"unit": "\udfff", "holder": "member"}))
    assert pseudonym_in(stored["subject"]) == PSEUDONYMISE("\udfff")


def test_what_is_stored_is_still_a_valid_event() -> None:
    assert validate_event(stored_of(event()))["data"] == event()["data"]


@pytest.mark.parametrize("subject", ["account-000001", {"withheld": "x"}, None])
def test_only_a_pseudonym_is_taken_for_one(subject: Any) -> None:
    assert pseudonym_in(subject) is None

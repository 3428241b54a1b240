"""Dead letters: no raw subject anywhere in them, and enough left to admit the event later."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.dead_letters import DeadLetterRecord, Redaction, dead_letter_record, pseudonym_in
from services.ingest.envelope import validate_event
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.rejections import NotAdmittedError
from shared.contracts.ingest import Code
from tests.support.sample_events import event

PSEUDONYMISE = Pseudonymiser(b"secret")
SUBJECT = '079-2031\'4455\n"x"'


def record(raw: Any, value: Any = None) -> DeadLetterRecord:
    problem = NotAdmittedError(Code.INVALID_VALUE, "data.unit {} is not a unit", value)
    return dead_letter_record(problem, raw, PSEUDONYMISE, "2023-07-01T00:00:00+00:00", "tests")


def test_the_subject_becomes_its_pseudonym_everywhere() -> None:
    raw = event(subject=SUBJECT, id=f"open-{SUBJECT}", data={"unit": [SUBJECT], SUBJECT: {"deep": f"<{SUBJECT}>"}})
    result = record(raw, [SUBJECT])
    assert json.dumps(SUBJECT)[1:-1] not in json.dumps(result)
    assert SUBJECT not in "".join(map(str, result.values()))
    stored = json.loads(result["event"])
    assert pseudonym_in(stored["subject"]) == PSEUDONYMISE(SUBJECT)
    assert stored["id"] == f"open-{stored['subject']}"
    assert stored["subject"][:20] in result["detail"]


def test_a_value_cut_short_in_a_detail_shows_no_part_of_the_subject() -> None:
    result = record(event(subject=SUBJECT), "x" * 58 + SUBJECT)
    assert SUBJECT[:6] not in result["detail"]


def test_a_number_that_is_the_subject_is_replaced_too() -> None:
    result = record(event(subject="792031445566", data={"account": 792031445566, "balance": 12}), 792031445566)
    assert "792031445566" not in "".join(map(str, result.values()))
    assert json.loads(result["event"])["data"]["balance"] == 12


@pytest.mark.parametrize("subject", [792031445566, {"id": "792031445566"}, ["792031445566"]])
def test_nothing_is_stored_of_an_event_whose_subject_is_no_string(subject: Any) -> None:
    result = record(event(subject=subject, id="open-792031445566", data={"unit": "792031445566"}), "792031445566")
    assert "792031445566" not in "".join(map(str, result.values()))
    assert result["event"] == "null"


def test_data_in_base64_hides_no_subject() -> None:
    packed = base64.b64encode(json.dumps({"unit": "an-nhon", "account": "account-000001"}).encode()).decode()
    stored = json.loads(record(event(data=None, data_base64=packed))["event"])
    assert "data_base64" not in stored
    assert stored["data"] == {"unit": "an-nhon", "account": stored["subject"]}
    unreadable = base64.b64encode(b"account-000001").decode()
    assert json.loads(record(event(data=None, data_base64=unreadable))["event"])["data"] == {
        "withheld": "the data could not be read"
    }


def test_a_short_subject_is_replaced_where_it_stands_alone() -> None:
    stored = json.loads(record(event(subject="1", id="e-1", data={"n": "1"}))["event"])
    assert stored["id"] == "e-1"
    assert pseudonym_in(stored["subject"]) == pseudonym_in(stored["data"]["n"]) == PSEUDONYMISE("1")


@pytest.mark.parametrize("raw", [None, 1, "account-000001", ["account-000001"]])
def test_nothing_is_stored_of_what_is_no_event(raw: Any) -> None:
    assert record(raw)["event"] == "null"


@pytest.mark.parametrize("subject", [None, ""])
def test_no_subject_nothing_to_replace(subject: str | None) -> None:
    raw = event() | {"subject": subject}
    assert json.loads(record(raw)["event"]) == raw


def test_what_is_stored_is_still_a_valid_event() -> None:
    assert validate_event(json.loads(record(event())["event"]))["data"] == event()["data"]


@pytest.mark.parametrize("subject", ["account-000001", {"withheld": "x"}, None])
def test_only_a_pseudonym_is_taken_for_one(subject: Any) -> None:
    assert pseudonym_in(subject) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


# Escaping makes backslashes; a subject of nothing else would be found where it is not.
SUBJECTS = st.text("ghjkmpqz-'\"ă\n", min_size=6, max_size=20).filter(lambda text: any(map(str.isalpha, text)))


@given(subject=SUBJECTS, before=st.text(), after=st.text(), around=JSON)
def test_no_event_keeps_its_subject(subject: str, before: str, after: str, around: Any) -> None:
    raw = event(subject=subject, id=before + subject + after, data={"x": around, subject: [subject + after]})
    stored = record(raw, [around, before + subject])
    assert all(subject not in text for text in _texts([*stored.values(), json.loads(stored["event"])]))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for name, item in value.items() for text in (name, *_texts(item))]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def test_redaction_is_the_same_every_time() -> None:
    assert Redaction("account-000001", PSEUDONYMISE).text("a account-000001 b") == Redaction(
        "account-000001", PSEUDONYMISE
    ).text("a account-000001 b")

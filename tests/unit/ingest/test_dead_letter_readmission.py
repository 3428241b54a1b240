"""Dead letters admitted later: the same logged event as at first, or the reason why not."""

import json
from typing import Any

import pytest

from services.ingest.admission import FUTURE_TOLERANCE, Admission, instant_of
from services.ingest.dead_letter_content import ContentFilter
from services.ingest.dead_letters import DeadLetter, dead_letter_record, readmitted
from services.ingest.envelope import validate_event
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.rejections import NotAdmittedError
from shared.contracts.ingest import Code
from shared.http.keys import Key, KeyRing
from tests.support.sample_events import DATA, NOW, catalogue, event, key

ADMISSION = Admission(catalogue())
PSEUDONYMISE = Pseudonymiser(b"secret")
CONTENTS = ContentFilter(catalogue(), PSEUDONYMISE)
LATEST = instant_of(NOW + FUTURE_TOLERANCE)
SUBJECT = "account-000001"


def dead_letter_of(raw: Any, code: Code = Code.UNKNOWN_UNIT, **changes: Any) -> DeadLetter:
    record = dead_letter_record(NotAdmittedError(code, "as it was"), raw, CONTENTS, NOW.isoformat(), "tests")
    return DeadLetter(id="1-0", **record)._replace(**changes)


def refused(dead: DeadLetter, *keys: Key) -> NotAdmittedError:
    with pytest.raises(NotAdmittedError) as caught:
        readmitted(dead, ADMISSION, KeyRing(keys or [key()]), PSEUDONYMISE, LATEST)
    return caught.value


def test_the_event_is_the_one_it_would_have_been() -> None:
    logged = readmitted(dead_letter_of(event(subject=SUBJECT)), ADMISSION, KeyRing([key()]), PSEUDONYMISE, LATEST)
    assert logged.admitted == ADMISSION.admit(validate_event(event(subject=SUBJECT)), key(), LATEST)
    assert (logged.entity, logged.digest) == (PSEUDONYMISE(SUBJECT), PSEUDONYMISE.digest_of_id("e-1"))
    assert logged.key == key().logged


@pytest.mark.parametrize(("name", "carried"), list(DATA.items()))
def test_an_event_of_every_type_can_be_admitted_later(name: str, carried: dict[str, Any] | None) -> None:
    raw = event(name, subject=SUBJECT, recordedtime="2023-06-30T09:00:00.123456789+07:00")
    logged = readmitted(dead_letter_of(raw), ADMISSION, KeyRing([key()]), PSEUDONYMISE, LATEST)
    assert logged.admitted == ADMISSION.admit(validate_event(raw), key(), LATEST)


def test_a_letter_of_an_earlier_release_names_its_id_in_clear() -> None:
    stored = json.dumps(event(subject=f"pseudonym:{PSEUDONYMISE(SUBJECT).hex()}", id="digest:of-theirs"))
    logged = readmitted(dead_letter_of(event(), event=stored), ADMISSION, KeyRing([key()]), PSEUDONYMISE, LATEST)
    assert (logged.entity, logged.digest) == (PSEUDONYMISE(SUBJECT), PSEUDONYMISE.digest_of_id("digest:of-theirs"))


def test_what_is_still_wrong_stays() -> None:
    still = event(data={"unit": "hanoi", "holder": "member"})
    assert refused(dead_letter_of(still)).code == Code.UNKNOWN_UNIT


def test_the_key_it_came_with_must_still_be_there_and_allow_it() -> None:
    assert "no longer in the keys file" in refused(dead_letter_of(event(), key="gone")).detail()
    assert refused(dead_letter_of(event()), key(units=["quy-nhon"])).code == Code.FORBIDDEN_UNIT


@pytest.mark.parametrize("code", [Code.NOT_AN_EVENT, Code.ATTRIBUTE_TOO_LONG])
def test_what_no_catalogue_can_mend_stays(code: Code) -> None:
    problem = refused(dead_letter_of(event(subject="x" * 2000), code))
    assert (problem.code, problem.detail()) == (code, "as it was")


@pytest.mark.parametrize("raw", [7, event(subject=None), event(subject=[SUBJECT]), event(subject="")])
def test_what_has_no_subject_stays(raw: Any) -> None:
    assert refused(dead_letter_of(raw)).code in {
        Code.NOT_AN_EVENT,
        Code.MISSING_ATTRIBUTE,
        Code.INVALID_ATTRIBUTE,
        Code.EMPTY_ATTRIBUTE,
    }


@pytest.mark.parametrize("content", ["", "not JSON", '{"specversion": "1.0"}'])
def test_a_dead_letter_that_cannot_be_read_stays(content: str) -> None:
    assert refused(dead_letter_of(event(), event=content)).code in {Code.NOT_AN_EVENT, Code.MISSING_ATTRIBUTE}


def test_a_subject_in_clear_is_not_taken_for_a_pseudonym() -> None:
    dead = dead_letter_of(event())._replace(event='{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"x",'
                                             '"time":"2023-06-30T08:15:00Z"}')  # fmt: skip
    assert "not a pseudonym" in refused(dead).detail()

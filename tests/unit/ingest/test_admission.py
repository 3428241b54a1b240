"""Admission: what each rule lets through, and the code of each refusal."""

import datetime as dt
import json
from typing import Any

import pytest

from services.ingest.admission import FUTURE_TOLERANCE, Admission, AdmittedEvent, instant_of, nanoseconds
from services.ingest.envelope import validate_event
from services.ingest.rejections import NotAdmittedError
from shared.contracts.ingest import Code
from shared.http.keys import Key
from tests.support.sample_events import DATA, NOW, PREFIX, RECORD, catalogue, event, key

ADMISSION = Admission(catalogue())
SENT = dt.datetime.fromisoformat("2023-06-30T08:15:00+07:00")
LATEST = instant_of(NOW + FUTURE_TOLERANCE)


def admit(raw: Any, who: Key | None = None) -> AdmittedEvent:
    return ADMISSION.admit(validate_event(raw), who or key(), LATEST)


def refused(raw: Any, who: Key | None = None) -> NotAdmittedError:
    with pytest.raises(NotAdmittedError) as caught:
        admit(raw, who)
    return caught.value


@pytest.mark.parametrize("name", DATA)
def test_every_type_is_admitted(name: str) -> None:
    admitted = admit(event(name))
    assert admitted.shape.type == name
    assert admitted.recorded_after == 0


def test_all_the_types_of_the_catalogue_are_covered_here() -> None:
    kinds = catalogue().kinds.values()
    assert {e.type for kind in kinds for e in (kind.begin, kind.step, kind.end) if e} == DATA.keys()


def test_a_source_speaks_in_its_role() -> None:
    assert admit(event()).shape.role == "reporting"
    assert admit(event(source=RECORD)).shape.role == "record"


def test_what_is_free_text_or_not_wanted_is_not_stored() -> None:
    assert admit(event("account.closed")).shape.data == ()
    more = DATA["account.opened"] | {"name": "Nguyễn Văn A"}  # type: ignore[operator]
    assert admit(event(data=more)).shape.data == (("holder", "member"), ("unit", "an-nhon"))


def test_when_a_statement_was_recorded_is_kept_beside_when_it_happened() -> None:
    assert admit(event(recordedtime="2023-06-30T08:15:01.5+07:00")).recorded_after == 1_500_000_000
    assert admit(event(recordedtime="2023-06-30T01:14:59Z")).recorded_after == -1_000_000_000
    assert admit(event() | {"recordedtime": None}).recorded_after == 0


@pytest.mark.parametrize(
    ("recorded", "code"),
    [
        ("2023-07-02T00:00:00+07:00", Code.TIME_IN_FUTURE),
        ("0001-01-01T00:00:00Z", Code.TIME_BEFORE_PROJECT),
        ("2023-06-31T00:00:00Z", Code.INVALID_TIME),
        ("2023-06-30", Code.INVALID_TIME),
        ("2023-06-30T08:15:00", Code.TIME_WITHOUT_OFFSET),
        ("", Code.EMPTY_ATTRIBUTE),
        (7, Code.INVALID_ATTRIBUTE),
    ],
)
def test_a_recordedtime_that_is_none_is_named(recorded: Any, code: Code) -> None:
    problem = refused(event() | {"recordedtime": recorded})
    assert (problem.code, problem.detail().startswith("recordedtime ")) == (code, True)
    assert problem.field == "recordedtime"


REFUSALS: list[tuple[Code, dict[str, Any], str]] = [
    (Code.MISSING_ATTRIBUTE, event(id=None), "id"),
    (Code.MISSING_ATTRIBUTE, event(time=None), "time"),
    (Code.MISSING_ATTRIBUTE, event(specversion=None), "specversion"),
    (Code.MISSING_ATTRIBUTE, event() | {"subject": None}, "subject"),
    (Code.MISSING_ATTRIBUTE, event() | {"time": None}, "time"),
    (Code.MISSING_ATTRIBUTE, event(data=None), "unit"),
    (Code.MISSING_ATTRIBUTE, event(data={"unit": "an-nhon"}), "data.holder"),
    (Code.MISSING_ATTRIBUTE, event(data={"unit": "an-nhon", "holder": None}), "data.holder"),
    (Code.EMPTY_ATTRIBUTE, event(subject=""), "subject"),
    (Code.EMPTY_ATTRIBUTE, event(time=""), "time"),
    (Code.EMPTY_ATTRIBUTE, event(specversion=""), "specversion"),
    (Code.EMPTY_ATTRIBUTE, event("account.closed", data={"reason": ""}), "data.reason"),
    (Code.INVALID_ATTRIBUTE, event(subject=79_000_001), "subject"),
    (Code.INVALID_ATTRIBUTE, event(id=["a"]), "id"),
    (Code.INVALID_ATTRIBUTE, event(time=1_688_000_000), "time"),
    (Code.ATTRIBUTE_TOO_LONG, event(subject="x" * 1025), "subject"),
    (Code.ATTRIBUTE_TOO_LONG, event(id="x" * 1_000_000), "id"),
    (Code.UNSUPPORTED_SPECVERSION, event(specversion="0.3"), "specversion"),
    (Code.UNKNOWN_SOURCE, event(source="urn:somebody"), "urn:somebody"),
    (Code.UNKNOWN_TYPE, event(type=PREFIX + "account.lost"), "account.lost"),
    (Code.UNKNOWN_TYPE, event(type="account.opened"), PREFIX),
    (Code.UNKNOWN_UNIT, event(data={"unit": "hanoi", "holder": "member"}), "hanoi"),
    (Code.UNKNOWN_UNIT, event(data={"unit": ["an-nhon"], "holder": "member"}), "an-nhon"),
    (Code.UNKNOWN_UNIT, event(data={"unit": {"code": "an-nhon"}, "holder": "member"}), "an-nhon"),
    (Code.INVALID_VALUE, event(data={"unit": "an-nhon", "holder": "pensioner"}), "member, resident"),
    (Code.INVALID_VALUE, event(data={"unit": "an-nhon", "holder": ["member"]}), "member, resident"),
    (Code.INVALID_VALUE, event(data={"unit": "an-nhon", "holder": 10**4000}), "member, resident"),
    (Code.INVALID_VALUE, event("account.closed", data={"reason": {"why": 1}}), "data.reason"),
    (Code.INVALID_DATA, event(data=[1]), "object"),
    (Code.INVALID_DATA, event(data="unit=an-nhon"), "object"),
    (Code.INVALID_TIME, event(time="yesterday"), "RFC 3339"),
    (Code.INVALID_TIME, event(time="2023-06-30 08:15:00+07:00"), "RFC 3339"),
    (Code.INVALID_TIME, event(time="2023-02-29T08:15:00+07:00"), "real"),
    (Code.INVALID_TIME, event(time="2023-06-30T24:00:00+07:00"), "RFC 3339"),
    (Code.INVALID_TIME, event(time="2023-06-30T08:15:00+07:60"), "RFC 3339"),
    (Code.INVALID_TIME, event(time="2023-06-30T08:15:00+24:00"), "RFC 3339"),
    (Code.INVALID_TIME, event(time="2022-12-31T23:59:60Z"), "real"),
    (Code.INVALID_TIME, event(time="2023-06-30T08:15:00.1234567891Z"), "nine digits"),
    (Code.INVALID_TIME, event(time="2023-06-30T08:15:00." + "1" * 60 + "Z"), "RFC 3339"),
    (Code.INVALID_TIME, event(time="٢٠٢٣-06-30T08:15:00Z"), "RFC 3339"),
    (Code.TIME_WITHOUT_OFFSET, event(time="2023-06-30T08:15:00"), "offset"),
    (Code.TIME_WITHOUT_OFFSET, event(time="2023-06-30T08:15:00.5"), "offset"),
    (Code.TIME_IN_FUTURE, event(time="2023-07-01T01:10:00.700001Z"), "10 minutes"),
    (Code.TIME_IN_FUTURE, event(time="9999-12-31T23:59:59.999999-07:00"), "10 minutes"),
    (Code.TIME_BEFORE_PROJECT, event(time="2021-12-31T23:59:59.999999999+07:00"), "2022-01-01"),
    (Code.TIME_BEFORE_PROJECT, event(time="0001-01-01T00:00:00+23:59"), "2022-01-01"),
]


@pytest.mark.parametrize(("code", "raw", "named"), REFUSALS)
def test_a_refusal_has_its_code_and_names_what_is_wrong(code: Code, raw: dict[str, Any], named: str) -> None:
    problem = refused(raw)
    assert (problem.code, named in problem.detail()) == (code, True), problem.detail()


@pytest.mark.parametrize("raw", [None, 1, "event", ["event"], [], True])
def test_what_is_not_an_object_is_not_an_event(raw: Any) -> None:
    assert refused(raw).code == Code.NOT_AN_EVENT


SCOPES: list[tuple[Code, dict[str, Any], dict[str, Any]]] = [
    (Code.FORBIDDEN_SOURCE, event(source=RECORD), {"sources": ["urn:dean5299:reporting"]}),
    (Code.FORBIDDEN_TYPE, event(), {"types": ["dossier.filed"]}),
    (Code.FORBIDDEN_UNIT, event(), {"units": ["quy-nhon"]}),
]


@pytest.mark.parametrize(("code", "raw", "scopes"), SCOPES)
def test_a_key_sends_only_what_its_scope_allows(code: Code, raw: dict[str, Any], scopes: dict[str, Any]) -> None:
    assert refused(raw, key(**scopes)).code == code
    assert admit(raw, key()).time == instant_of(SENT)


def test_a_key_for_one_unit_may_send_types_that_name_no_unit() -> None:
    assert admit(event("account.transacted"), key(units=["quy-nhon"])).shape.type == "account.transacted"


def test_every_code_is_tested() -> None:
    """unit_not_valid is in test_unit_validity.py, unreadable_event in test_json_bodies.py."""
    tested = (
        {code for code, *_ in REFUSALS}
        | {code for code, *_ in SCOPES}
        | {Code.NOT_AN_EVENT, Code.UNIT_NOT_VALID, Code.UNREADABLE_EVENT}
    )
    assert tested == set(Code)


@pytest.mark.parametrize("order", [(True, 1), (1, True), (False, 0), (0, False)])
def test_booleans_and_numbers_differ_whichever_comes_first(order: tuple[Any, Any]) -> None:
    admission = Admission(catalogue())
    for supported in order * 2:
        data = DATA["dossier.filed"] | {"supported": supported}  # type: ignore[operator]
        envelope = validate_event(event("dossier.filed", data=data))
        if isinstance(supported, bool):
            assert dict(admission.admit(envelope, key(), LATEST).shape.data)["supported"] is supported
        else:
            with pytest.raises(NotAdmittedError, match="invalid_value"):
                admission.admit(envelope, key(), LATEST)


@pytest.mark.parametrize("time", ["2023-07-01T01:10:00.7Z", "2023-07-01T08:10:00.700000000+07:00"])
def test_ten_minutes_ahead_to_the_nanosecond_is_admitted(time: str) -> None:
    assert admit(event(time=time)).time == LATEST


def test_the_first_moment_of_the_project_is_local_midnight() -> None:
    assert admit(event(time="2022-01-01T00:00:00+07:00")).time == 1_640_970_000 * 10**9
    assert admit(event(time="2021-12-31T17:00:00Z")).time == 1_640_970_000 * 10**9


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2023-06-30T01:15:00Z", 0),
        ("2023-06-30t01:15:00z", 0),
        ("2023-06-30T08:15:00+07:00", 0),
        ("2023-06-29T17:45:00-07:30", 0),
        ("2023-06-30T01:15:00-00:00", 0),
        ("2023-06-30T01:15:00.5Z", 500_000_000),
        ("2023-06-30T01:15:00.000001Z", 1_000),
        ("2023-06-30T01:15:00.999999999Z", 999_999_999),
        ("2023-06-30T01:15:00.0000001+00:00", 100),
        ("2023-06-30T01:15:00.00000012Z", 120),
    ],
)
def test_an_instant_is_exact_in_every_form_of_rfc_3339(time: str, expected: int) -> None:
    assert nanoseconds("time", time) == 1_688_087_700 * 10**9 + expected
    assert admit(event(time=time)).time == 1_688_087_700 * 10**9 + expected


def test_instants_are_exact_where_floats_are_not() -> None:
    moment = dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC)
    assert instant_of(moment) == 253_402_300_799_999_999_000


def test_longest_attributes_and_extensions_are_admitted() -> None:
    long = event(subject="x" * 1024, traceparent="00-ab-cd-01", dataschema="https://example.vn/s", partitionkey="1")
    assert admit(long).time == instant_of(SENT)


def test_null_counts_as_left_out() -> None:
    nulls = {"data": None, "datacontenttype": None, "data_base64": None}
    assert admit(event("account.transacted") | nulls).shape.type == "account.transacted"


def test_a_value_in_a_detail_is_cut_and_can_be_concealed() -> None:
    problem = refused(event(data={"unit": "x" * 5000, "holder": "member"}))
    assert len(problem.detail()) < 200
    assert "xx" not in problem.detail(lambda _: "concealed")
    assert "'concealed'" in problem.detail(lambda _: "concealed")


def test_admission_does_not_change_the_event() -> None:
    raw = event()
    before = json.dumps(raw)
    admit(raw)
    assert json.dumps(raw) == before

"""An event is taken for the unit of its own day, and for no unit that is gone or yet to come by then."""

import datetime as dt
from typing import Any

import pytest

from services.ingest.admission import Admission, AdmittedEvent, instant_of
from services.ingest.envelope import validate_event
from services.ingest.rejections import NotAdmittedError
from shared.contracts.ingest import Code
from tests.support.merged_catalogue import merged
from tests.support.sample_events import DATA, catalogue, event, key

LATEST = instant_of(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def admit(unit: str, time: str, name: str = "article.published") -> AdmittedEvent:
    data: dict[str, Any] = (DATA[name] or {}) | {"unit": unit}
    return Admission(merged()).admit(validate_event(event(name, time=time, data=data)), key(), LATEST)


@pytest.mark.parametrize(
    ("unit", "time"),
    [
        ("an-lao", "2025-06-30T23:59:59.999999999+07:00"),
        ("an-lao", "2025-06-30T16:59:59Z"),
        ("an-hoa", "2025-07-01T00:00:00+07:00"),
        ("an-hoa", "2025-06-30T17:00:00Z"),
        ("quy-nhon", "2025-12-01T08:00:00+07:00"),
    ],
)
def test_a_unit_that_exists_on_the_day_is_taken_however_late(unit: str, time: str) -> None:
    assert dict(admit(unit, time).shape.data)["unit"] == unit


@pytest.mark.parametrize(
    ("unit", "time", "message"),
    [
        ("an-lao", "2025-07-01T00:00:00+07:00", "'an-lao' exists until 2025-07-01, not on 2025-07-01"),
        ("an-lao", "2025-07-01T00:00:00+07:00", "send it for 'an-hoa', which took over"),
        ("an-lao", "2025-06-30T17:00:00Z", "'an-hoa'"),
        ("an-lao", "2025-10-01T08:00:00+07:00", "send it for 'north'"),
        ("van-canh", "2025-07-16T08:00:00+07:00", "'tuy-phuoc'"),
        ("an-hoa", "2025-06-30T23:59:59+07:00", "'an-hoa' exists from 2025-07-01 on, and time is on 2025-06-30"),
    ],
)
def test_a_unit_that_does_not_is_refused_naming_who_took_over(unit: str, time: str, message: str) -> None:
    with pytest.raises(NotAdmittedError) as caught:
        admit(unit, time)
    assert caught.value.code == Code.UNIT_NOT_VALID
    assert message in caught.value.detail()


def test_where_nobody_took_over_the_office_is_named() -> None:
    units = [unit.model_copy(update={"parent": None}) if unit.code == "an-lao" else unit for unit in merged().units]
    alone = merged().model_copy(update={"units": tuple(units)})
    alone.__dict__.pop("unit_by_code", None)
    late = event("article.published", time="2025-07-02T08:00:00+07:00", data={"unit": "an-lao"})
    with pytest.raises(NotAdmittedError) as caught:
        Admission(alone).admit(validate_event(late), key(), LATEST)
    assert "no unit took over: ask the office" in caught.value.detail()


def test_what_is_seen_once_is_not_taken_for_ever() -> None:
    admission = Admission(merged())
    times = ("2025-06-30T08:00:00+07:00", "2025-07-01T08:00:00+07:00")
    early, late = (validate_event(event("article.published", time=time, data={"unit": "an-lao"})) for time in times)
    admission.admit(early, key(), LATEST)
    with pytest.raises(NotAdmittedError):
        admission.admit(late, key(), LATEST)


def test_an_article_of_a_unit_that_is_gone_can_be_withdrawn() -> None:
    """A withdrawal is counted where the article was: the unit it names is not looked at."""
    assert admit("an-lao", "2025-07-02T08:00:00+07:00", "article.withdrawn").shape.type == "article.withdrawn"


def test_a_group_sends_nothing() -> None:
    with pytest.raises(NotAdmittedError) as caught:
        admit("cluster", "2025-07-02T08:00:00+07:00")
    assert caught.value.code == Code.UNKNOWN_UNIT


def test_the_units_of_2023_exist_for_ever() -> None:
    assert Admission(catalogue()).admit(validate_event(event(time="2025-12-01T08:00:00Z")), key(), LATEST)

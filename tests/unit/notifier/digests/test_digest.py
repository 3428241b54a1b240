"""Which flags a digest tells of, and when it is due."""

import datetime as dt

import pytest

from services.notifier.digests.digest import News, digest_due, news_of, overview, unit_digest
from shared.domain.clock import LOCAL
from tests.support.sample_flags import (
    DAY,
    DILUTED,
    FLAGS,
    LAG,
    OTHER_UNIT,
    PROVINCE,
    RESOLVED,
    SPLIT,
    STANDING,
    SURGE,
    VERDICTS,
    catalogue,
    july,
)

UNITS = catalogue().unit_by_code


def test_a_leader_gets_the_own_unit_only_the_worst_lag_first() -> None:
    digest = unit_digest(UNITS["phu-my"], FLAGS, VERDICTS, DAY, DAY)
    assert digest is not None
    assert digest.news == News(since=DAY, standing=(LAG, STANDING, SURGE), resolved=(RESOLVED,))
    assert digest.diluted == ((DILUTED, SPLIT),)


def test_without_news_no_digest_is_made() -> None:
    assert unit_digest(UNITS["phu-my"], [STANDING], [DILUTED], DAY, DAY) is None
    assert unit_digest(UNITS["quy-nhon"], FLAGS, VERDICTS, DAY, DAY) is None
    assert overview(UNITS.values(), [STANDING], VERDICTS, DAY, DAY) is None


def test_news_of_days_without_a_digest_is_in_the_next_one() -> None:
    monday, friday = july(24), july(21)
    assert news_of("phu-my", [LAG], friday, monday).is_new
    assert not news_of("phu-my", [LAG], july(22), monday).is_new


def test_an_earlier_day_does_not_know_the_future() -> None:
    before = news_of("phu-my", FLAGS, july(20), july(20))
    assert (set(before.standing), before.resolved) == ({RESOLVED, STANDING}, ())


def test_a_flag_that_no_digest_had_is_not_told_to_be_over() -> None:
    brief = LAG.model_copy(update={"raised_on": july(20), "cleared_on": DAY})
    assert news_of("phu-my", [brief], july(20), DAY) == News(july(20), (), ())
    assert news_of("phu-my", [brief], july(21), DAY) == News(july(21), (), (brief,))


def test_a_flag_followed_by_another_of_its_target_is_not_told_to_be_over() -> None:
    over = SURGE.model_copy(update={"target": LAG.target, "raised_on": july(10), "cleared_on": DAY})
    assert news_of("phu-my", [over, LAG], DAY, DAY) == News(DAY, (LAG,), ())


def test_the_first_digest_has_what_stands_as_news() -> None:
    first = news_of("phu-my", [STANDING, RESOLVED], dt.date.min, DAY)
    assert first.is_new
    assert (first.standing, first.resolved) == ((STANDING,), ())


def test_the_office_sees_every_unit_once() -> None:
    seen = overview(UNITS.values(), FLAGS, VERDICTS, DAY, DAY)
    assert seen is not None
    assert seen.province.standing == (PROVINCE,)
    assert [(unit.code, news.standing) for unit, news in seen.units] == [
        ("phu-my", (LAG, STANDING, SURGE)),
        ("an-nhon", (OTHER_UNIT,)),
    ], "the unit with the worst lag first"
    assert [unit.code for unit in seen.silent] == ["border-guard"]
    assert len(seen.quiet) + len(seen.silent) + len(seen.units) == len(UNITS)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2023, 7, day, hour, minute, tzinfo=LOCAL).astimezone(dt.UTC)


def working(day: dt.date) -> bool:
    return day.weekday() < 5 and day != july(20)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        (at(21, 7, 29), None, None),
        (at(21, 7, 30), None, july(21)),
        (at(21, 7, 30), july(20), july(21)),
        (at(21, 23, 59), july(20), july(21)),
        (at(21, 7, 31), july(21), None),
        (at(21, 7, 31), july(22), None),
        (at(22, 9), None, None),
        (at(20, 9), None, None),
    ],
)
def test_a_digest_is_due_once_per_working_day_from_half_past_seven(
    now: dt.datetime, last: dt.date | None, due: dt.date | None
) -> None:
    assert digest_due(now, working, last) == due

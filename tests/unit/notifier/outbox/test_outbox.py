"""The waits between attempts."""

import datetime as dt
from typing import Any

import pytest

from services.notifier.outbox.outbox import BackOff

POLICY = BackOff(first=dt.timedelta(seconds=30), longest=dt.timedelta(hours=1))


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (24, 3600), (10_000, 3600)]
)
def test_doubles_up_to_the_longest_and_lies_in_its_upper_half(attempt: int, seconds: float) -> None:
    assert POLICY.wait(attempt, lambda: 0.0) == dt.timedelta(seconds=seconds / 2)
    assert POLICY.wait(attempt, lambda: 0.5) == dt.timedelta(seconds=seconds * 0.75)
    assert POLICY.wait(attempt, lambda: 1.0) == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize("wrong", [{"first": dt.timedelta()}, {"first": dt.timedelta(days=1)}, {"attempts": 0}])
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="`first` must be above 0"):
        BackOff(**wrong)


def test_the_defaults_outlast_a_night_and_give_up_within_a_day() -> None:
    policy = BackOff()
    waits = [policy.wait(n, lambda: 0.5) for n in range(1, policy.attempts)]
    assert dt.timedelta(hours=12) < sum(waits, dt.timedelta()) < dt.timedelta(hours=24)

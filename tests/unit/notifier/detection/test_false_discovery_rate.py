import pytest
from scipy.stats import false_discovery_control

from services.notifier.detection.evidence import q_values


def test_agrees_with_scipy() -> None:
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.9, 1.0]
    q = q_values(dict(enumerate(p)))
    assert [q[i] for i in range(len(p))] == pytest.approx(list(false_discovery_control(p)))


def test_the_order_of_the_tests_is_of_no_matter() -> None:
    p = {"a": 0.03, "b": 0.001, "c": 0.5, "d": 0.03}
    assert q_values(p) == q_values(dict(reversed(p.items())))


def test_nothing_tested_nothing_found() -> None:
    assert q_values({}) == {}

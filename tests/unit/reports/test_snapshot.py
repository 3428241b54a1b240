"""The snapshot of a notice: its cells, and a rate's change without a remainder."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.figures import Achieved
from shared.domain.snapshot import Snapshot, UnknownReferenceError, rate_change
from tests.support.notice434 import catalogue
from tests.support.notices import july

RATIO = next(target for target in catalogue().targets if target.is_ratio)


@pytest.mark.parametrize(
    ("ref", "value"),
    [
        ("t1.province.achieved", 49795),
        ("t1.quy-nhon.achieved", 4615),
        ("t1.quy-nhon.goal", 6589),
        ("t3.province.denominator", 90471),
        ("t3.province.denominator_increase", 25673),
        ("t3.province.numerator_increase", 4906),
        ("m.articles.an-lao.now", 33),
        ("m.articles.an-lao.previous", 15),
        ("m.articles.an-lao.before", 7),
        ("m.articles.province.now", 801),
    ],
)
def test_values_by_reference(ref: str, value: int) -> None:
    assert july().value(ref) == value


def test_an_unknown_reference_is_named() -> None:
    with pytest.raises(UnknownReferenceError, match=r"no value 't1\.atlantis\.achieved'"):
        july().value("t1.atlantis.achieved")


def test_a_snapshot_survives_json() -> None:
    assert Snapshot.model_validate_json(july().model_dump_json()) == july()


def test_what_a_snapshot_says_of_itself() -> None:
    assert (july().month, str(july().previous), july().revision) == ("2023-06", "2023-06-01", 0)


counts = st.integers(0, 10**7)


@given(n0=counts, d0=counts, n1=counts, d1=counts)
def test_numerator_and_denominator_explain_the_whole_change(n0: int, d0: int, n1: int, d1: int) -> None:
    before, now = (Achieved(Fraction(n, d) if d else None, n, d) for n, d in ((n0, d0), (n1, d1)))
    change = rate_change("province", RATIO, now, before)
    if not d0 or not d1:
        assert (change.change, change.from_numerator, change.from_denominator) == (None, None, None)
        return
    assert change.change is not None
    assert change.from_numerator is not None
    assert change.from_denominator is not None
    scale = 1 + abs(change.from_numerator) + abs(change.from_denominator)
    assert abs(change.from_numerator + change.from_denominator - change.change) < 1e-12 * scale
    assert change.from_numerator == float(Fraction(n1 - n0, d1))

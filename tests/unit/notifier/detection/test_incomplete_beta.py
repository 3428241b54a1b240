import itertools

import pytest
from scipy.special import betainc

from services.notifier.detection.incomplete_beta import incomplete_beta


@pytest.mark.parametrize("a", [0.3, 1, 2.5, 17, 44.4, 400])
@pytest.mark.parametrize("b", [0.4, 1, 3, 29.5, 1000])
def test_agrees_with_scipy(a: float, b: float) -> None:
    for x in (0, 1e-6, 0.01, 0.2, 0.5, 0.77, 0.99, 1 - 1e-9, 1):
        assert incomplete_beta(x, a, b) == pytest.approx(betainc(a, b, x), rel=1e-8, abs=1e-12)


def test_grows_with_x() -> None:
    values = [incomplete_beta(x / 50, 12, 7) for x in range(51)]
    assert all(low <= high for low, high in itertools.pairwise(values))


@pytest.mark.parametrize(("x", "a", "b"), [(-0.1, 1, 1), (1.1, 1, 1), (0.5, 0, 1), (0.5, 1, -2)])
def test_refuses_what_is_not_defined(x: float, a: float, b: float) -> None:
    with pytest.raises(ValueError, match="incomplete_beta needs"):
        incomplete_beta(x, a, b)

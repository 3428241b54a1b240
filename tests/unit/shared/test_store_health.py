"""What an error says of Redis, by name, and nothing of its text."""

import pytest
from redis import exceptions

from shared.runtime.store_health import AWAY, FULL, LOADING, READ_ONLY, REFUSES, store_problem, weaker_durability


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (exceptions.OutOfMemoryError("Command # 1 (XADD secret) of pipeline caused error: OOM"), FULL),
        (exceptions.ResponseError("MISCONF Errors writing to the AOF file: No space left on device"), FULL),
        (exceptions.BusyLoadingError("LOADING"), LOADING),
        (exceptions.ReadOnlyError("READONLY"), READ_ONLY),
        (exceptions.ResponseError("NOREPLICAS Not enough good replicas to write."), READ_ONLY),
        (exceptions.ResponseError("WRONGTYPE secret"), REFUSES),
        (exceptions.TimeoutError("secret"), AWAY),
        (ConnectionRefusedError("secret"), AWAY),
    ],
)
def test_an_error_is_named(error: Exception, problem: str) -> None:
    assert store_problem(error) == problem


def test_durability_is_named_where_it_is_weaker() -> None:
    assert weaker_durability("always") == []
    assert weaker_durability("everysec") == ["weaker durability: everysec"]

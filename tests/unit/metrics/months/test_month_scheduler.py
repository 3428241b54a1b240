"""The schedule goes on after whatever keeps a month from being closed for now."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

import services.metrics.months.closing
from services.metrics.months.closing import MonthClosing, MonthScheduler
from shared.contracts.months import ClosedMonth, digest_of
from shared.domain.errors import ConflictError, UnavailableError
from shared.domain.snapshot import Snapshot
from shared.runtime.server import cancel_and_wait
from tests.support.stored_months import SNAPSHOT

_snapshot = Snapshot.model_validate_json(SNAPSHOT)
CLOSED = ClosedMonth(snapshot=_snapshot, closed_at="2023-07-06T00:00:00Z", by="schedule", digest=digest_of(SNAPSHOT))


class Closing(MonthClosing):
    """Raises or returns one outcome after the other, then says that it is through."""

    def __init__(self, outcomes: list[Exception | ClosedMonth | None]) -> None:
        self.outcomes = outcomes
        self.through = asyncio.Event()

    async def close_due(self) -> ClosedMonth | None:
        if not self.outcomes:
            self.through.set()
            return None
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def run(closing: Closing) -> None:
    schedule = asyncio.create_task(MonthScheduler(closing).run())
    async with asyncio.timeout(5):
        await closing.through.wait()
    assert not schedule.done()
    await cancel_and_wait(schedule)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.metrics.months.closing, "PAUSE", 0.0)


async def test_what_cannot_be_closed_now_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    away = RedisConnectionError("away")
    await run(Closing([away, UnavailableError("still counting"), ConflictError("elsewhere"), OSError("cut"), CLOSED]))
    assert [record.message for record in caplog.records if record.name == "services.metrics.months.closing"] == [
        "could not close a month",
        "could not close a month",
        "could not close a month",
        "could not close a month",
        "closed",
    ]


async def test_a_fault_of_the_program_ends_the_worker() -> None:
    with pytest.raises(LookupError):
        await MonthScheduler(Closing([LookupError("a fault")])).run()

"""Lists that know days only, sent one after another: a later list corrects and takes back all of an earlier one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.sender.batches import Event
from services.sender.client import store_of
from services.sender.feed import feed_events
from tests.support.bearer import TOKEN
from tests.support.processes import System
from tests.support.sample_events import event
from tests.support.waiting import wait_until

MIDNIGHT = "2023-06-05T00:00:00+07:00"
ACCOUNTS = range(20)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with System(tmp_path) as started:
        started.start()
        yield started


def opened(unit: str) -> list[Event]:
    data = {"unit": unit, "holder": "member"}
    return [event(id=f"{unit}/{n}", subject=f"account-{n}", time=MIDNIGHT, data=data) for n in ACCOUNTS]


def closed() -> list[Event]:
    return [event("account.closed", id=f"back/{n}", subject=f"account-{n}", time=MIDNIGHT) for n in ACCOUNTS]


async def counted(system: System, events: list[Event], state: Path) -> dict[str, int]:
    """Accounts by unit after feeding `events` as a list of their own."""
    url = system.ingest.url
    result = await feed_events(events, len(events), url, TOKEN, state, await store_of(url))
    assert (result.accepted, result.rejected) == (len(events), [])
    wait_until(lambda: system.metrics.get("/v1/positions")["waiting"] == 0, "everything is counted")
    rows = system.metrics.get("/v1/measures", as_of="2023-07-01")["rows"]
    return {row["unit"]: row["value"] for row in rows if row["measure"] == "member_accounts" and row["value"]}


async def test_the_later_list_wins_for_every_account(system: System, tmp_path: Path) -> None:
    assert await counted(system, opened("quy-nhon"), tmp_path / "1.json") == {"quy-nhon": 20}
    assert await counted(system, opened("an-nhon"), tmp_path / "2.json") == {"an-nhon": 20}
    assert await counted(system, opened("an-nhon"), tmp_path / "2.json") == {"an-nhon": 20}
    assert await counted(system, closed(), tmp_path / "3.json") == {}
    assert await counted(system, opened("phu-cat"), tmp_path / "4.json") == {"phu-cat": 20}


async def test_one_list_that_opens_and_closes_leaves_nothing(system: System, tmp_path: Path) -> None:
    assert await counted(system, closed() + opened("an-nhon"), tmp_path / "1.json") == {}

"""Where an interrupted feed goes on: what its files say comes back as it was."""

from pathlib import Path

import pytest

from services.sender.client import OpenStore
from services.sender.feed import feed_events
from services.sender.feed_state import FeedRunningError, FeedState, alone
from services.sender.inputs import open_input
from shared.contracts.ingest import EventRejection

NOW = "2023-07-01T08:00:00+07:00"
STORE = OpenStore("a store", NOW)


def test_a_rejected_id_may_hold_what_unicode_calls_a_line_break(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    rejected = [EventRejection(index=3, id="a\u2028b\u0085c", code="bad_time", detail="x")]
    state = FeedState.load(path, STORE)
    state.advance(500, rejected, [b"{}"])
    again = FeedState.load(path, STORE)
    assert (again.begun, again.answered, again.rejected) == (True, 500, rejected)


def test_the_rejected_events_themselves_stand_beside_the_state(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    rejected = [EventRejection(index=index, id=None, code="bad_time", detail="x") for index in (3, 700)]
    state = FeedState.load(path, STORE)
    state.advance(500, rejected[:1], [b'{"id":"a"}'])
    state._record(rejected[1:], [b'{"id":"b"}'])  # killed before `answered` moved
    again = FeedState.load(path, STORE)
    assert again.rejected == rejected[:1]
    with open_input(again.rejected_path) as source:
        assert list(source.events()) == [{"id": "a"}]
    assert FeedState.load(path, OpenStore("another store", NOW)).rejected == []
    assert not again.rejected_path.exists()


def test_a_run_that_goes_on_records_as_the_first_did(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    FeedState.load(path, STORE).advance(500, [], [])
    assert FeedState.load(path, STORE._replace(now="2023-07-02T08:00:00+07:00")).recorded == NOW
    path.write_text('{"store": "a store", "answered": 500}')  # as releases before wrote it
    assert FeedState.load(path, STORE._replace(now="2023-07-02T08:00:00+07:00")).recorded == "2023-07-02T08:00:00+07:00"


async def test_two_runs_of_one_feed_do_not_go_on_at_once(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    with alone(path), pytest.raises(FeedRunningError, match="another run"):
        await feed_events([], 0, "http://127.0.0.1:9", "key", path, STORE)
    with alone(path):
        pass

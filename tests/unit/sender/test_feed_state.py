"""Where an interrupted feed goes on: what its files say comes back as it was."""

from pathlib import Path

from services.sender.feed import FeedState
from shared.contracts.ingest import EventRejection


def test_a_rejected_id_may_hold_what_unicode_calls_a_line_break(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    rejected = [EventRejection(index=3, id="a\u2028b\u0085c", code="bad_time", detail="x")]
    state = FeedState.load(path, "a store")
    state.advance(500, rejected)
    again = FeedState.load(path, "a store")
    assert (again.begun, again.answered, again.rejected) == (True, 500, rejected)

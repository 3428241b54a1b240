"""Feeding over real HTTP: every event arrives, whatever happens to server, connection and sender."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.sender.batches import Event, Limits
from services.sender.client import OpenStore, RefusedError, store_of
from services.sender.feed import FeedProgress, FeedResult, feed_events
from services.sender.retries import Backoff, RetriesExhaustedError, SendError
from tests.support.fake_ingest import KEY, FakeIngest, running

PULSE = Path(sys.executable).with_name("pulse5299")
QUICK = Backoff(first=0.001, cap=0.01, patience=5.0)
STORE = OpenStore("store-1", "2023-07-01T08:00:00+07:00")
SMALL = Limits(events=10, in_flight=4)


@pytest.fixture
async def ingest() -> AsyncIterator[FakeIngest]:
    async with running() as server:
        yield server


def made(count: int, bad: tuple[int, ...] = ()) -> list[Event]:
    return [{"id": f"e{n}", "data": {"unit": "nowhere" if n in bad else "an-lao"}} for n in range(count)]


def ids(count: int) -> set[str]:
    return {f"e{n}" for n in range(count)}


async def fed(
    ingest: FakeIngest, events: list[Event], state: Path, heard: list[FeedProgress] | None = None
) -> FeedResult:
    heard = [] if heard is None else heard
    return await feed_events(
        events,
        len(events),
        ingest.url,
        KEY,
        state,
        OpenStore(ingest.store, ingest.now),
        heard.append,
        limits=SMALL,
        backoff=QUICK,
    )


async def test_everything_arrives_once_and_progress_is_told(ingest: FakeIngest, tmp_path: Path) -> None:
    heard: list[FeedProgress] = []
    result = await fed(ingest, made(95), tmp_path / "feed.json", heard)
    assert ingest.received == dict.fromkeys(ids(95), 1)
    assert (result.sent, result.accepted, result.rejected) == (95, 95, [])
    assert [progress.answered for progress in heard] == [*range(0, 95, 10), 95]
    assert {headers["content-type"] for headers in ingest.requests} == {"application/cloudevents-batch+json"}
    assert len({headers["idempotency-key"] for headers in ingest.requests}) == 10


async def test_statements_are_recorded_when_the_feed_began(ingest: FakeIngest, tmp_path: Path) -> None:
    """By ingest's clock; an event's own recordedtime stays, and a run that goes on keeps that of the first."""
    own = [{**event, "recordedtime": "2023-06-01T00:00:00Z"} for event in made(1)]
    ingest.script = ["take", (400, "not so")]
    with pytest.raises(RefusedError):
        await fed(ingest, own + made(30)[1:], tmp_path / "feed.json")
    ingest.now = "2023-07-02T08:00:00+07:00"
    await fed(ingest, own + made(30)[1:], tmp_path / "feed.json")
    assert ingest.recorded == {"e0": "2023-06-01T00:00:00Z"} | {f"e{n}": STORE.now for n in range(1, 30)}


async def test_a_second_run_sends_nothing(ingest: FakeIngest, tmp_path: Path) -> None:
    await fed(ingest, made(30), tmp_path / "feed.json")
    again = await fed(ingest, made(30), tmp_path / "feed.json")
    assert (again.sent, again.accepted) == (0, 30)
    assert ingest.received == dict.fromkeys(ids(30), 1)


async def test_a_new_store_is_fed_from_the_start(ingest: FakeIngest, tmp_path: Path) -> None:
    await fed(ingest, made(30, bad=(3,)), tmp_path / "feed.json")
    ingest.store = "store-2"
    again = await fed(ingest, made(30), tmp_path / "feed.json")
    assert again.sent == 30
    assert again.rejected == []
    assert not again.rejected_path.exists()


@pytest.mark.parametrize("trouble", ["busy", "lose", (500, "a bug"), (429, "too fast")])
async def test_trouble_is_outlasted(ingest: FakeIngest, tmp_path: Path, trouble: str | tuple[int, str]) -> None:
    ingest.script = [trouble, "take", trouble, trouble, "take"]
    result = await fed(ingest, made(80), tmp_path / "feed.json")
    assert result.accepted == 80
    assert ingest.received.keys() == ids(80)
    assert len(ingest.requests) == 8 + 3
    assert ingest.received.total() == 80 + (3 * 10 if trouble == "lose" else 0)


async def test_a_repeated_batch_has_the_idempotency_key_it_had(ingest: FakeIngest, tmp_path: Path) -> None:
    ingest.script = ["lose"]
    await fed(ingest, made(10), tmp_path / "feed.json")
    first, second = (headers["idempotency-key"] for headers in ingest.requests)
    assert first == second


async def test_rejected_events_are_named_by_their_place_in_the_whole_feed(ingest: FakeIngest, tmp_path: Path) -> None:
    result = await fed(ingest, made(45, bad=(7, 31, 44)), tmp_path / "feed.json")
    assert [(item.index, item.id, item.code) for item in result.rejected] == [
        (7, "e7", "unknown_unit"),
        (31, "e31", "unknown_unit"),
        (44, "e44", "unknown_unit"),
    ]
    assert result.accepted == 42
    lines = (tmp_path / "feed.rejected.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["e7", "e31", "e44"]
    reasons = result.state.reasons_path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["index"] for line in reasons] == [7, 31, 44]


async def test_a_refusal_ends_the_feed_with_its_reason_and_the_next_run_goes_on(
    ingest: FakeIngest, tmp_path: Path
) -> None:
    ingest.script = ["take", "take", "take", (403, "this key may not send for an-lao")]
    with pytest.raises(RefusedError, match="403: this key may not send for an-lao"):
        await fed(ingest, made(100, bad=(5,)), tmp_path / "feed.json")
    result = await fed(ingest, made(100, bad=(5,)), tmp_path / "feed.json")
    assert result.sent == 70
    assert [item.index for item in result.rejected] == [5]
    assert ingest.received.keys() == ids(100)


async def test_a_wrong_key_is_told(ingest: FakeIngest, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="401: no such key"):
        await feed_events(made(1), 1, ingest.url, "wrong", tmp_path / "feed.json", STORE)


async def test_less_at_once_where_ingest_takes_less(ingest: FakeIngest, tmp_path: Path) -> None:
    ingest.max_events = 3
    ingest.max_bytes = 500
    events = made(20)
    events[11]["id"] = "x" * 600
    result = await fed(ingest, events, tmp_path / "feed.json")
    assert [(item.index, item.code, item.detail) for item in result.rejected] == [
        (11, "too_large", "send less at once")
    ]
    assert ingest.received == dict.fromkeys(ids(20) - {"e11"}, 1)


async def test_nobody_there_is_said_after_the_patience(tmp_path: Path, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    impatient = Backoff(first=0.001, cap=0.01, patience=0.05)
    with pytest.raises(RetriesExhaustedError, match="does not answer"):
        await feed_events(made(1), 1, url, KEY, tmp_path / "feed.json", STORE, backoff=impatient)
    with pytest.raises(RetriesExhaustedError, match="does not answer"):
        await store_of(url, backoff=impatient)


async def test_the_store_is_named_by_readyz(ingest: FakeIngest) -> None:
    assert await store_of(ingest.url) == STORE
    with pytest.raises(SendError, match="not as ingest does"):
        await store_of(f"{ingest.url}/elsewhere")


async def test_a_torn_state_file_only_means_a_start_from_the_beginning(ingest: FakeIngest, tmp_path: Path) -> None:
    (tmp_path / "feed.json").write_text('{"store": "sto', encoding="utf-8")
    assert (await fed(ingest, made(20), tmp_path / "feed.json")).sent == 20


async def command(ingest: FakeIngest, file: Path, tmp_path: Path) -> asyncio.subprocess.Process:
    (tmp_path / "dev-key").write_text(KEY, encoding="ascii")
    return await asyncio.create_subprocess_exec(
        *(PULSE, "feed", str(file), "--url", ingest.url, "--var", str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def written(tmp_path: Path, events: list[Event]) -> Path:
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return file


async def test_killed_at_any_moment_the_next_run_completes(ingest: FakeIngest, tmp_path: Path) -> None:
    file = written(tmp_path, made(10_000))
    for taken in (0, 3, 6):
        ingest.script = [*["take"] * taken, "hold"]
        ingest.held.clear()
        process = await command(ingest, file, tmp_path)
        await asyncio.wait_for(ingest.held.wait(), 60)
        process.kill()
        await process.communicate()
    ingest.script = []
    ingest.release.set()
    process = await command(ingest, file, tmp_path)
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert ingest.received.keys() == ids(10_000)
    in_flight = Limits().in_flight * Limits().events
    assert ingest.received.total() - 10_000 <= 3 * in_flight
    assert b"10,000 events: 10,000 accepted, 0 rejected" in out
    assert b"events fed: 10,000 of 10,000" in err


async def test_the_command_lists_what_was_rejected_and_exits_with_1(ingest: FakeIngest, tmp_path: Path) -> None:
    process = await command(ingest, written(tmp_path, made(5, bad=(2,))), tmp_path)
    out, _ = await process.communicate()
    assert process.returncode == 1
    assert b"rejected: event 2 (id e2): unknown_unit: unit 'nowhere' is not in the catalogue" in out
    assert b".rejected.jsonl" in out


async def test_interrupted_it_says_how_to_go_on(ingest: FakeIngest, tmp_path: Path) -> None:
    ingest.script = ["hold"]
    process = await command(ingest, written(tmp_path, made(5)), tmp_path)
    await asyncio.wait_for(ingest.held.wait(), 60)
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    assert process.returncode == 130
    assert b"give the same command again to go on" in err
    assert b"Traceback" not in err


async def test_what_cannot_be_read_to_its_end_is_not_begun(ingest: FakeIngest, tmp_path: Path) -> None:
    file = written(tmp_path, made(2000))
    file.write_text(file.read_text(encoding="utf-8") + "{oops\n", encoding="utf-8")
    process = await command(ingest, file, tmp_path)
    _, err = await process.communicate()
    assert process.returncode == 1
    assert b"line 2001: not JSON" in err
    assert b"Traceback" not in err
    assert not ingest.received


async def test_a_rejection_noted_before_a_crash_is_not_listed_twice(ingest: FakeIngest, tmp_path: Path) -> None:
    state = tmp_path / "feed.json"
    await fed(ingest, made(30, bad=(25,)), state)
    state.write_text('{"store": "store-1", "answered": 20}', encoding="utf-8")
    again = await fed(ingest, made(30, bad=(25,)), state)
    assert [item.index for item in again.rejected] == [25]
    assert len(again.rejected_path.read_text(encoding="utf-8").splitlines()) == 1

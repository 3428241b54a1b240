"""`pulse5299 deadletters` on real processes: rejected events are shown, and counted once when their cause is mended."""

import asyncio
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rich.console import Console

from services.cli.dead_letters import _print_table, _row
from services.ingest.app import dead_letter_replay
from services.ingest.dead_letter_queue import DeadLetterQueue
from services.ingest.dead_letters import DeadLetter
from services.ingest.settings import IngestSettings
from shared.log.keys import DEADLETTERS
from shared.runtime.settings import ROOT
from tests.integration.conftest import BATCH, Ingest, running_ingest
from tests.support import log_reader as published
from tests.support.processes import console_output
from tests.support.sample_events import event
from tests.support.waiting import wait_until

NEW_UNIT = """
[[units]]
code = "new-unit"
name_vi = "Đơn vị mới"
name_en = "New unit"
sub_units = 1
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Ingest]:
    """An ingest whose catalogue is a copy that a test may change."""
    shutil.copytree(ROOT / "deploy" / "catalogue", tmp_path / "catalogue")
    with running_ingest(tmp_path, catalogue=str(tmp_path / "catalogue")) as running:
        yield running


def add_the_unit(place: Ingest) -> None:
    with (place.system.folder / "catalogue" / "units.toml").open("a") as file:
        file.write(NEW_UNIT)


def send(place: Ingest, *events: Any) -> dict[str, Any]:
    answer = place.client.post("/v1/events", json=events, headers={"Content-Type": BATCH})
    assert answer.status_code == 202
    return dict(answer.json())


def opened(number: int, **changes: Any) -> dict[str, Any]:
    data = {"unit": "new-unit", "holder": "member"}
    return event(id=f"e-{number}", subject=f"account-{number:06}", data=data) | changes


def command(place: Ingest, *arguments: str, code: int = 0, **environment: str) -> list[str]:
    """The lines that `pulse5299 deadletters ARGUMENTS` prints, which must end with `code`."""
    ended, output = console_output(
        ["deadletters", *arguments], place.system.environment | environment, place.system.folder, seconds=60
    )
    assert ended == code, output
    return output.splitlines()


def letters(place: Ingest) -> int:
    with Redis.from_url(place.valkey) as redis:
        return int(redis.xlen(DEADLETTERS))


def test_dead_letters_are_listed_as_lines_and_as_json(place: Ingest) -> None:
    send(place, opened(1), 7, opened(2, source="urn:\u001b[31mred\nnext"))
    lines = [line.split("\t") for line in command(place, "list")]
    assert [(line[2], line[4]) for line in lines] == [
        ("unknown_unit", "vn.gov.binhdinh.dean5299.account.opened"),
        ("not_an_event", ""),
        ("unknown_source", "vn.gov.binhdinh.dean5299.account.opened"),
    ]
    assert "data.unit 'new-unit'" in lines[0][5]
    assert "\u001b" not in "".join(lines[2])
    rows = [json.loads(line) for line in command(place, "list", "--json")]
    assert rows[0]["event"]["subject"].startswith("pseudonym:")
    assert rows[0]["key"] == "tests"
    assert [row["id"] for row in rows] == [line[0] for line in lines]


def test_what_nobody_will_correct_is_dropped(place: Ingest) -> None:
    for _ in range(3):
        send(place, opened(1), opened(2))
    send(place, opened(3))
    lines = [line.split("\t") for line in command(place, "list")]
    assert [line[6] for line in lines] == ["3", "3", "1"]
    assert "like 1688087700000-0" in command(place, "drop", "1", code=2)[-1]
    assert command(place, "drop", lines[0][0]) == ["1 dropped"]
    assert "there is no dead letter" in command(place, "drop", lines[0][0], code=1)[-1]
    assert command(place, "drop", "--all") == ["2 dropped"]
    assert command(place, "list") == []


def test_a_dead_letter_of_release_0_1_is_listed_and_replayed(place: Ingest) -> None:
    """That release wrote the record as fields of the entry, not as one JSON body."""
    send(place, opened(1))
    (record,) = published.dead_letters(place.valkey, 1)
    with Redis.from_url(place.valkey) as redis:
        redis.delete(DEADLETTERS)
        redis.xadd(DEADLETTERS, dict(record))
    assert command(place, "list")[0].split("\t")[2] == "unknown_unit"
    add_the_unit(place)
    assert command(place, "retry", "--all") == ["1 admitted, 0 left"]


def test_retried_events_count_once_in_their_own_day(place: Ingest) -> None:
    send(place, *(opened(number) for number in range(900)), opened(7, id="e-x", time="yesterday"))
    assert letters(place) == 901
    stays = command(place, "retry", "--all", code=1)
    assert stays[-1] == "0 admitted, 901 left"
    add_the_unit(place)
    last = command(place, "retry", "--all", code=1)
    assert (last[0].split("\t")[1], last[-1]) == ("invalid_time", "900 admitted, 1 left")
    assert letters(place) == 1
    place.system.ingest.stop()
    place.system.ingest.start()
    place.system.metrics.start()
    place.system.ingest.wait_ready()
    assert send(place, opened(3), opened(4)) == {"accepted": 2, "rejected": []}
    place.system.metrics.wait_ready()
    assert counted(place, "2023-06-30") == 0
    assert counted(place, "2023-07-01") == 900


def counted(place: Ingest, as_of: str) -> int:
    """The new unit's accounts, once everything in the log is counted."""
    logged = sum(len(entry.times) for packed in published.entries(place.valkey).values() for entry in packed)
    assert logged == 902
    wait_until(lambda: place.system.metrics.metric("pulse_metrics_counted_total") >= logged, "all is counted")
    rows = place.system.metrics.get("/v1/measures", as_of=as_of)["rows"]
    return sum(row["value"] for row in rows if (row["measure"], row["unit"]) == ("member_accounts", "new-unit"))


def test_named_dead_letters_alone_are_retried(place: Ingest) -> None:
    send(place, opened(1), opened(2))
    add_the_unit(place)
    first, second = (line.split("\t")[0] for line in command(place, "list"))
    assert command(place, "retry", second) == ["1 admitted, 0 left"]
    assert [line.split("\t")[0] for line in command(place, "list")] == [first]
    assert published.events(place.valkey).keys() == {published.digest_of("e-2")}


def test_a_crash_between_publishing_and_removing_counts_nothing_twice(
    place: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(place, opened(1), opened(2))
    add_the_unit(place)

    async def crash(*_: object) -> None:
        raise SystemExit("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(DeadLetterQueue, "remove", crash)
        with pytest.raises(SystemExit):
            run_retry(place, patch)
    assert letters(place) == 2
    assert command(place, "retry", "--all") == ["2 admitted, 0 left"]
    events = [
        event for packed in published.entries(place.valkey).values() for entry in packed for event in entry.events()
    ]
    assert len(events) == 4
    assert len(set(events)) == 2


def run_retry(place: Ingest, patch: pytest.MonkeyPatch) -> None:
    for name, value in place.system.environment.items():
        patch.setenv(name, value)

    async def retry() -> None:
        async with dead_letter_replay(IngestSettings()) as (queue, replayer):
            async for page in queue.pages():
                await replayer.replay(page)

    asyncio.run(retry())


def test_a_full_store_takes_no_dead_letter_away(place: Ingest) -> None:
    send(place, opened(1))
    add_the_unit(place)
    with Redis.from_url(place.valkey) as redis:
        redis.config_set("maxmemory-policy", "noeviction")
        redis.config_set("maxmemory", 1)
        assert "redis is full" in command(place, "retry", "--all", code=1)[-1]
        redis.config_set("maxmemory", 0)
    assert letters(place) == 1
    assert command(place, "retry", "--all") == ["1 admitted, 0 left"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["retry"], 2, "--all"),
        (["retry", "--all", "1-0"], 2, "--all"),
        (["retry", "first"], 2, "'first' is not the id"),
        (["retry", "1-0"], 1, "no dead letter 1-0"),
    ],
)
def test_wrong_use_is_said_in_one_line(ingest: Ingest, arguments: Sequence[str], code: int, message: str) -> None:
    assert message in command(ingest, *arguments, code=code)[-1]


def test_wrong_settings_are_said_in_one_line(ingest: Ingest, tmp_path: Path) -> None:
    assert "Error" in command(ingest, "list", code=1, PULSE_REDIS_PORT="1")[-1]
    (tmp_path / "other").write_text("another secret")
    other = str(tmp_path / "other")
    assert "fingerprint" in command(ingest, "retry", "--all", code=1, PULSE_PSEUDONYM_SECRET_FILE=other)[-1]


def test_a_terminal_gets_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    entry_id = "1795370845890-0"
    dead_letter = DeadLetter(
        entry_id, "2023-07-01", "tests", "unknown_unit", "data.unit [red]'x'", '{"source": "s", "type": "t"}'
    )
    _print_table(Console(width=80, force_terminal=True), [dead_letter])
    shown = capsys.readouterr().out
    assert entry_id in shown
    assert "[red]" in shown
    assert _row(dead_letter) == [entry_id, "2023-07-01", "unknown_unit", "s", "t", "data.unit [red]'x'", "1"]

"""From Notice 434's events to messages in var/mail: the launcher's real processes, and the console beside them."""

import json
import os
import re
import signal
from pathlib import Path

import httpx
import redis
from click.testing import CliRunner, Result

from services.cli.main import main
from tests.support.launcher import Launch, messages
from tests.support.waiting import wait_until

DAY = "2023-07-01"


def flags(launch: Launch) -> list[dict[str, object]]:
    answer = httpx.get(f"{launch.notifier}/v1/flags", params={"as_of": DAY}).json()
    assert answer["evaluated_on"] == DAY
    result: list[dict[str, object]] = answer["flags"]
    return result


def test_every_flagged_unit_has_one_digest_and_the_office_an_overview_in_each_language(running: Launch) -> None:
    units = {flag["unit"] for flag in flags(running) if flag["unit"]}
    assert units, "the notice's month has flags"
    expected = {f"digest.{unit}.{DAY}" for unit in units} | {f"overview.{DAY}.vi", f"overview.{DAY}.en"}
    assert expected <= set(messages(running))
    for name, message in messages(running).items():
        assert message["Auto-Submitted"] == "auto-generated"
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        assert message["To"].addresses[0].domain == "dean5299.example.vn"
        assert str(message["Message-ID"]) == f"<{name}@dean5299.example.vn>"


def test_a_digest_is_vietnamese_and_has_the_flags_sentence_and_the_units_page(running: Launch) -> None:
    flag = next(flag for flag in flags(running) if flag["unit"])
    message = messages(running)[f"digest.{flag['unit']}.{DAY}"]
    text, page = (part.get_content() for part in message.iter_parts())
    assert "(01/7/2023) - " in str(message["Subject"])
    _, _, said = str(flag["sentence_vi"]).partition(": ")
    assert re.sub(r"\s+", " ", said[1:]) in re.sub(r"\s+", " ", text)
    assert f"{running.board}/units/{flag['unit']}?as_of={DAY}&lang=vi" in text
    assert 'lang="vi"' in page


def with_key(running: Launch) -> dict[str, str]:
    return {"Authorization": f"Bearer {(running.var / 'dev-key').read_text().strip()}"}


def pending(running: Launch) -> int:
    answer = httpx.get(f"{running.notifier}/v1/outbox", headers=with_key(running)).raise_for_status()
    number: int = answer.json()["pending"]["mail"]
    return number


def test_asking_again_writes_nothing_more(running: Launch) -> None:
    before = sorted(file.name for file in (running.var / "mail").iterdir())
    again = httpx.post(
        f"{running.notifier}/v1/evaluations",
        params={"day": DAY, "letters": True},
        headers=with_key(running),
        timeout=60,
    ).raise_for_status()
    assert again.json()["flags"] == flags(running)
    wait_until(lambda: not pending(running))
    assert sorted(file.name for file in (running.var / "mail").iterdir()) == before


def test_a_killed_notifier_sends_nothing_again(running: Launch) -> None:
    before = sorted(file.name for file in (running.var / "mail").iterdir())
    old = running.pids()["notifier"]
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: running.pids().get("notifier", old) != old)
    url = f"{running.notifier}/v1/evaluations"
    wait_until(lambda: _status("POST", url, with_key(running), day=DAY, mails="true") == httpx.codes.OK)
    wait_until(lambda: not pending(running))
    assert sorted(file.name for file in (running.var / "mail").iterdir()) == before


def pulse(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_progress_on_the_console(running: Launch) -> None:
    url = ("--url", running.metrics, "--as-of", DAY)
    province = pulse("progress", *url).output
    for figure in ("49,795", "29,440/90,471", "61.6 %", "Attainment by unit", "Quy Nhon"):
        assert figure in province
    assert max(map(len, province.splitlines())) <= 118
    unit = pulse("progress", *url, "--unit", "an-nhon").output
    assert re.search(r"20[12]\.\d %", unit), unit
    assert "Attainment by unit" not in unit
    assert json.loads(pulse("progress", *url, "--json").output)["as_of"] == DAY
    wrong = pulse("progress", *url, "--unit", "atlantis")
    assert (wrong.exit_code, "'atlantis' is none of quy-nhon" in wrong.output) == (2, True)


def test_flags_on_the_console(running: Launch) -> None:
    url = ("--url", running.notifier)
    shown = pulse("flags", *url, "--as-of", DAY).output
    result = flags(running)
    assert f"{len(result)} flag" in shown
    assert all(str(flag["unit"] or "province") in shown for flag in result)
    assert max(map(len, shown.splitlines())) <= 118
    assert json.loads(pulse("flags", *url, "--as-of", DAY, "--json").output)["flags"] == result
    assert "Nothing was evaluated" in pulse("flags", *url, "--as-of", "2022-05-01").output
    wrong = pulse("flags", "--url", running.metrics)
    assert wrong.exit_code == 1
    assert "right --url" in wrong.output


def test_a_dead_message_is_shown_and_tried_again_on_the_console(running: Launch, tmp_path: Path) -> None:
    """A message that the server refused for good is made so in the store; retried, it leaves."""
    key = "digest:tests:2023-07-01"
    with redis.Redis(port=running.redis_port) as client:
        client.hset(
            f"{{outbox}}:message:{key}",
            mapping={
                "state": "DEAD",
                "channel": "mail",
                "to": "tests@dean5299.example.vn",
                "attempts": 24,
                "body": b"Message-ID: <digest.tests@dean5299.example.vn>\r\n\r\nA message\r\n",
                "recorded_at": 0,
                "due_at": 0,
                "note": "550 no such user",
                "settled_at": 0,
            },
        )
        client.zadd("{outbox}:dead", {key: 0})
    url = ("--url", running.notifier, "--key-file", str(running.var / "dev-key"))
    listed = pulse("outbox", "list", *url).output
    assert f"{key}\t24\ttests@dean5299.example.vn\t550 no such user" in listed
    assert "1 dead; waiting: mail 0" in listed
    assert pulse("outbox", "retry", *url).exit_code == 2
    unknown = pulse("outbox", "retry", "digest:nobody", *url)
    assert (unknown.exit_code, "is not a dead message" in unknown.output) == (1, True)
    assert "1 retried" in pulse("outbox", "retry", "--all", *url).output
    stored = running.var / "mail" / "digest.tests@dean5299.example.vn.eml"
    wait_until(stored.exists)
    wait_until(lambda: "0 dead" in pulse("outbox", "list", *url).output)
    stored.unlink()


def _status(method: str, url: str, headers: dict[str, str], **parameters: str) -> int:
    try:
        return httpx.request(method, url, params=parameters, headers=headers, timeout=60).status_code
    except httpx.TransportError:
        return 0

"""The launcher's mail server, run as the process it is."""

import email
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.local.mail_sink import file_stem
from services.notifier.outbox.mailer import Mailer, MailServer
from tests.support.sample_digests import digest_to, overview_in


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    folder = tmp_path / "mail"
    command = [sys.executable, "-u", "-m", "services.local.mail_sink", "--port", "0", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        expected = process.stdout.readline()
        listening = re.search(r"127\.0\.0\.1:(\d+)", expected)
        assert listening, expected
        yield int(listening[1]), folder
        process.terminate()
        assert process.wait(timeout=10) == 0


async def test_each_mail_is_a_file_and_a_second_copy_shows(sink: tuple[int, Path]) -> None:
    port, folder = sink
    mailer = Mailer(MailServer("127.0.0.1", port, "pulse@dean5299.example.vn", security="none"))
    for message in (digest_to(), overview_in("en"), digest_to()):
        assert await mailer.send(message) == "250 Kept"
    stem = "digest.phu-my.2023-07-21@dean5299.example.vn"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{stem}-2.eml",
        f"{stem}.eml",
        "overview.2023-07-21.en@dean5299.example.vn.eml",
    ]
    assert (folder / f"{stem}.eml").read_bytes() == digest_to().body
    assert email.message_from_bytes((folder / f"{stem}-2.eml").read_bytes())["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("message_id", "stem"),
    [
        ("<a.b@c.vn>", "a.b@c.vn"),
        ("", "no-message-id"),
        ("<../../etc/passwd@x>", "_.._etc_passwd@x"),
        ("<...>", "no-message-id"),
        ("<" + "a" * 300 + ">", "a" * 120),
    ],
)
def test_a_file_name_is_safe(message_id: str, stem: str) -> None:
    assert file_stem(message_id) == stem


def test_a_taken_port_is_an_error_in_one_line(sink: tuple[int, Path]) -> None:
    command = [sys.executable, "-m", "services.local.mail_sink", "--port", str(sink[0]), "--dir", str(sink[1])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: cannot listen on port {sink[0]}")
    assert "Traceback" not in done.stderr

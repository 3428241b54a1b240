"""Runs the launcher as a user would, on free ports, in a folder of its own."""

import contextlib
import email
import email.policy
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from tests.support.programs import free_port


class Launch:
    """One `pulse5299 run` and where its services answer."""

    def __init__(self, var: Path) -> None:
        self.var = var
        ports = [free_port() for _ in range(5)]
        self.ingest, self.metrics, self.notifier, self.board = (f"http://127.0.0.1:{port}" for port in ports[1:])
        names = (
            "PULSE_REDIS_PORT",
            "PULSE_INGEST_PORT",
            "PULSE_METRICS_PORT",
            "PULSE_NOTIFIER_PORT",
            "PULSE_BOARD_PORT",
        )
        self.redis_port = ports[0]
        self.environment = os.environ | {name: str(port) for name, port in zip(names, ports, strict=True)}

    @contextlib.contextmanager
    def start(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """The launcher's process; whatever is left of it afterwards is killed."""
        command = [sys.executable, "-m", "tests.support.pulse5299", "run", "--var", str(self.var), *options]
        process = subprocess.Popen(
            command,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=30)

    def run(self, *options: str, timeout: float = 280) -> tuple[int, str]:
        """Run to the end: exit code and everything printed."""
        with self.start(*options) as process:
            output, _ = process.communicate(timeout=timeout)
        return process.returncode, output

    def pids(self) -> dict[str, int]:
        try:
            pids: dict[str, int] = json.loads((self.var / "pids.json").read_text())
        except (OSError, ValueError):
            return {}
        return pids


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What the process prints up to and with the line that contains `words`."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"ended before it said {words!r}: {''.join(lines)}")


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def messages(launch: Launch) -> dict[str, EmailMessage]:
    """The messages of the day by the first part of their Message-ID; a second copy would have a file of its own."""
    files = sorted((launch.var / "mail").glob("*.eml"))
    read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    result = {str(message["Message-ID"]).strip("<>").partition("@")[0]: message for message in read}
    assert len(result) == len(files), "no message came twice"
    return result

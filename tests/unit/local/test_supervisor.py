"""The supervisor: a process that cannot be started again ends the launcher, with the reason."""

import asyncio
import os
from pathlib import Path

import pytest

from services.local.supervisor import Child, EndedError, Supervisor


def program(tmp_path: Path, script: str) -> Child:
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(0o755)
    return Child("counter", [str(path)], {"PATH": os.environ["PATH"]}, tmp_path / "counter.log")


async def test_a_program_that_is_gone_ends_the_launcher(tmp_path: Path) -> None:
    lines: list[str] = []
    supervisor = Supervisor(tmp_path / "pids.json", lines.append)
    await supervisor.start(program(tmp_path, 'rm "$0"; exit 1'))
    try:
        with pytest.raises(EndedError, match=r"counter cannot be started: .*No such file or directory.*program"):
            await asyncio.wait_for(asyncio.shield(supervisor.ended), 10)
    finally:
        await supervisor.stop()
    assert "counter ended (exit code 1); starting it again" in lines[0]


async def test_a_program_that_is_not_there_cannot_be_started(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "pids.json", print)
    child = program(tmp_path, "exit 0")
    (tmp_path / "program").unlink()
    with pytest.raises(EndedError, match=r"counter cannot be started: .*No such file or directory"):
        await supervisor.start(child)
    await supervisor.stop()

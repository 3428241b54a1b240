"""The folder the launcher keeps everything in, the secrets it makes there, and the environment services get."""

import fcntl
import hashlib
import os
import secrets
from pathlib import Path
from typing import IO, get_args

from services.board.settings import BoardSettings
from services.ingest.settings import IngestSettings
from services.metrics.settings import MetricsSettings
from services.notifier.settings import NotifierSettings
from shared.http.keys import Right
from shared.runtime.settings import StoreSettings


class LocalSettings(StoreSettings):
    """The ports of everything the launcher starts; the other settings reach the services unchanged."""

    ingest_port: int = IngestSettings.model_fields["ingest_port"].default
    metrics_port: int = MetricsSettings.model_fields["metrics_port"].default
    notifier_port: int = NotifierSettings.model_fields["notifier_port"].default
    board_port: int = BoardSettings.model_fields["board_port"].default


class InUseError(RuntimeError):
    """Another launcher keeps its state in the same folder."""


class StateDir:
    """`var/`: logs, mail, the store's files, keys. `lock` holds it for one launcher until closed."""

    def __init__(self, root: Path, settings: LocalSettings) -> None:
        self._settings = settings
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
        """Make folders, a pseudonym secret and a key with every right, where they are not there yet."""
        for folder in (self.logs, self.store, self.mail):
            folder.mkdir(parents=True, exist_ok=True)
        _write_once(self.secret, secrets.token_hex(32))
        _write_once(self.key, secrets.token_hex(32))
        digest = hashlib.sha256(self.key.read_text().strip().encode()).hexdigest()
        rights = ", ".join(f'"{right}"' for right in get_args(Right))
        _write(self.keys, f'[[keys]]\nname = "local"\nsha256 = "{digest}"\nrights = [{rights}]\n')

    def environment(self, mail_port: int) -> dict[str, str]:
        """What the services find their files and each other by, over the launcher's own environment.

        A mail server that is set in the launcher's environment is used instead of the sink.
        """
        sink = {"PULSE_SMTP_HOST": "127.0.0.1", "PULSE_SMTP_PORT": str(mail_port), "PULSE_SMTP_SECURITY": "none"}
        metrics = f"http://127.0.0.1:{self._settings.metrics_port}"
        notifier = f"http://127.0.0.1:{self._settings.notifier_port}"
        board = f"http://127.0.0.1:{self._settings.board_port}"
        urls = {"PULSE_METRICS_URL": metrics, "PULSE_BOARD_URL": board, "PULSE_NOTIFIER_URL": notifier}
        return (
            (sink if "PULSE_SMTP_HOST" not in os.environ else {})
            | urls
            | os.environ
            | {
                "PULSE_KEYS_FILE": str(self.keys),
                "PULSE_PSEUDONYM_SECRET_FILE": str(self.secret),
                "PYTHONUNBUFFERED": "1",
            }
        )


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

"""Settings every service shares; each service's own class extends this one. All are `PULSE_*` variables."""

from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.domain.errors import ConfigError
from shared.log.keys import MAX_PARTITIONS

S = TypeVar("S", bound=BaseSettings)

ROOT = Path(__file__).resolve().parents[2]


class SettingsError(ConfigError):
    """A setting is missing or wrong; the message names the variable and the remedy."""


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or not text.isprintable() or " " in text:
        raise ValueError("write an address such as https://host:port/path")
    _ = parts.port  # ValueError: not a port
    return text


HttpUrl = Annotated[str, AfterValidator(_http_url)]
"""An http(s) address, as it was written."""


class StoreSettings(BaseSettings):
    """Where Redis is, how the log is partitioned, and which catalogue is in force."""

    model_config = SettingsConfigDict(env_prefix="PULSE_", extra="ignore", frozen=True)

    redis_host: str = Field("127.0.0.1", description="Host of Redis or Valkey.")
    redis_port: int = Field(6399, ge=1, le=65535, description="Port of Redis or Valkey.")
    redis_password_file: Path | None = Field(None, description="File with the Redis password, if it has one.")
    redis_timeout: float = Field(5.0, gt=0, description="Seconds until a command that does not answer has failed.")
    partitions: int = Field(4, ge=1, le=MAX_PARTITIONS, description="Partitions of the log; fixed at the first start.")
    catalogue: Path = Field(ROOT / "deploy" / "catalogue", description="Folder of the catalogue's TOML files.")
    host: str = Field("127.0.0.1", description="Address the service listens on.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")

    def redis_password(self) -> str | None:
        """The password in the file, None without one."""
        if self.redis_password_file is None:
            return None
        return read_secret(self.redis_password_file, "PULSE_REDIS_PASSWORD_FILE").decode()


class GuardedSettings(StoreSettings):
    """Of a service that asks for a key where something is changed or the log is opened, and is asked by known names."""

    keys_file: Path | None = Field(None, description="TOML file with the digests of the bearer keys and their rights.")
    allowed_hosts: str = Field(
        "localhost 127.0.0.1 [::1] metrics notifier",
        description="Names this service is asked by (Host header), by spaces; `*` for any.",
    )

    @property
    def host_names(self) -> frozenset[str]:
        """The names allowed, and the address the service listens on."""
        return frozenset({*self.allowed_hosts.lower().split(), self.host})


def read_secret(path: Path, variable: str) -> bytes:
    """The content of a secret file without the line end.

    Raises:
        SettingsError: unreadable or empty; names `variable`.
    """
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"{variable}: cannot read {path}: {error.strerror}") from error
    if not secret:
        raise SettingsError(f"{variable}: {path} is empty; put the secret in it")
    return secret


def load_settings(settings_type: type[S]) -> S:
    """Settings from the environment, with errors that name the variable.

    Raises:
        SettingsError: a variable is missing or has a value that does not fit.
    """
    try:
        return settings_type()
    except ValidationError as error:
        lines = [
            f"PULSE_{'_'.join(map(str, problem['loc'])).upper()}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        ]
        raise SettingsError("; ".join(lines)) from error

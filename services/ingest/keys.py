"""Bearer keys of upstream systems: stored as SHA-256 digests, each with the sources, types and units it may send."""

import hashlib
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.settings import SettingsError

EVERYTHING = "*"


class Key(BaseModel):
    """One upstream system's key; a scope of `*` allows everything. Types are named without the prefix."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    sources: frozenset[str] = frozenset({EVERYTHING})
    types: frozenset[str] = frozenset({EVERYTHING})
    units: frozenset[str] = frozenset({EVERYTHING})


class KeyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keys: list[Key] = Field(min_length=1)


class KeyRing:
    """Finds the key of a bearer token; the token itself is never kept."""

    def __init__(self, keys: list[Key]) -> None:
        self._by_digest = {key.sha256: key for key in keys}

    def find(self, token: str) -> Key | None:
        return self._by_digest.get(digest_of(token))


def digest_of(token: str) -> str:
    """What the keys file holds for `token`."""
    return hashlib.sha256(token.encode()).hexdigest()


def load_keys(path: Path) -> KeyRing:
    """The keys of a TOML file of `[[keys]]` tables.

    Raises:
        SettingsError: unreadable, or a key without name or digest.
    """
    try:
        return KeyRing(KeyFile.model_validate(tomllib.loads(path.read_text())).keys)
    except OSError as error:
        raise SettingsError(f"PULSE_KEYS_FILE: cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(f"PULSE_KEYS_FILE: {path} is not a list of [[keys]]: {error}") from error

"""Bearer keys of upstream systems: stored as SHA-256 digests, each with the sources, types and units it may send."""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.domain.catalogue import Catalogue
from shared.log.codec import SendingKey
from shared.runtime.settings import SettingsError

EVERYTHING = "*"


class Key(BaseModel):
    """One upstream system's key; a scope of `*` allows everything. Types are named without the prefix."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    sources: frozenset[str] = frozenset({EVERYTHING})
    types: frozenset[str] = frozenset({EVERYTHING})
    units: frozenset[str] = frozenset({EVERYTHING})

    @cached_property
    def logged(self) -> SendingKey:
        """What the log says of it."""
        return SendingKey(self.name, EVERYTHING not in self.units)

    @cached_property
    def unrestricted(self) -> bool:
        """Whether it may send everything."""
        return all(EVERYTHING in scope for scope in (self.sources, self.types, self.units))


class KeyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keys: list[Key] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for field, values in (("name", [key.name for key in self.keys]), ("sha256", [key.sha256 for key in self.keys])):
            twice = [value for value, times in Counter(values).items() if times > 1]
            if twice:
                raise ValueError(f"two keys have the {field} {twice[0]!r}: give each its own")
        return self


class KeyRing:
    """Finds the key of a bearer token; the token itself is not stored."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._by_digest = {key.sha256: key for key in keys}
        self._by_name = {key.name: key for key in self._by_digest.values()}

    def find(self, token: str) -> Key | None:
        return self._by_digest.get(digest_of(token))

    def named(self, name: str) -> Key | None:
        return self._by_name.get(name)


def digest_of(token: str) -> str:
    """What the keys file holds for `token`."""
    return hashlib.sha256(token.encode()).hexdigest()


def load_keys(path: Path, catalogue: Catalogue) -> KeyRing:
    """The keys of a TOML file of `[[keys]]` tables.

    Raises:
        SettingsError: unreadable, a key without name or digest, or a scope that the catalogue does not know.
    """
    try:
        keys = KeyFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).keys
    except OSError as error:
        raise SettingsError(f"PULSE_KEYS_FILE: cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise SettingsError(f"PULSE_KEYS_FILE: {path}: {_without_values(error)}") from error
    except ValueError as error:
        raise SettingsError(f"PULSE_KEYS_FILE: {path} is not TOML in UTF-8: {error}") from error
    for key in keys:
        _check_scopes(key, path, catalogue)
    return KeyRing(keys)


def _without_values(error: ValidationError) -> str:
    """The problems and their places, without the values: one of them may be the key itself."""
    problems = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}" for problem in problems)


def _check_scopes(key: Key, path: Path, catalogue: Catalogue) -> None:
    """Refuse a scope the catalogue does not know: it would reject events without a visible reason."""
    types = {
        event.type
        for kind in catalogue.kinds.values()
        for event in (kind.begin, kind.step, kind.end)
        if event is not None
    }
    known = {"sources": catalogue.source_by_name.keys(), "types": types, "units": catalogue.unit_by_code.keys()}
    for scope, names in known.items():
        unknown = sorted(getattr(key, scope) - names - {EVERYTHING})
        if unknown:
            raise SettingsError(
                f"PULSE_KEYS_FILE: {path}: key {key.name!r}: {scope} {unknown[0]!r} is not in the catalogue; "
                f"correct it, or allow all with {EVERYTHING!r}"
            )

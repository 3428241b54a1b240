"""Bearer keys: stored as SHA-256 digests, each with its rights, its end, and what it may send."""

import hashlib
import logging
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.domain.catalogue import Catalogue
from shared.log.codec import SendingKey
from shared.runtime.settings import SettingsError

log = logging.getLogger(__name__)

EVERYTHING = "*"

Right = Literal["send", "months", "log", "notifier"]
"""What a key may do: send events; close and reopen months; ask what opens the log; evaluate days, and see and retry
messages of the outbox."""


class Key(BaseModel):
    """A system's or person's key. A scope of `*` allows everything; types are named without the prefix."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    rights: frozenset[Right] = frozenset({"send"})
    expires: AwareDatetime | None = None
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

    def __len__(self) -> int:
        return len(self._by_name)

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


class Keys(Protocol):
    """Finds keys by token or name."""

    def find(self, token: str) -> Key | None: ...

    def named(self, name: str) -> Key | None: ...


class WatchedKeys:
    """The keys of a file, which is read again once it has changed: a key that is taken out is unknown at once.

    A change is seen by the file's inode, time and size, one `stat` a request. A file that cannot be used leaves the
    keys as they were and is logged as an error, once for each change: a slip must not lock everybody out.

    Raises:
        SettingsError: the file cannot be used at the start.
    """

    def __init__(self, path: Path, catalogue: Catalogue) -> None:
        self._path = path
        self._catalogue = catalogue
        self._seen = _state_of(path)
        self._ring = load_keys(path, catalogue)

    def find(self, token: str) -> Key | None:
        return self._current().find(token)

    def named(self, name: str) -> Key | None:
        return self._current().named(name)

    def _current(self) -> KeyRing:
        state = _state_of(self._path)
        if state != self._seen:
            self._seen = state
            try:
                self._ring = load_keys(self._path, self._catalogue)
                log.info("keys read again", extra={"keys": len(self._ring)})
            except SettingsError as error:
                log.error("keys cannot be read again: those read before stay", extra={"error": str(error)})
        return self._ring


def keys_of(path: Path | None, catalogue: Catalogue) -> Keys:
    """The keys of a file; none where none is set, and nothing that needs one is answered.

    Raises:
        SettingsError: the file cannot be used.
    """
    return KeyRing([]) if path is None else WatchedKeys(path, catalogue)


def _state_of(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file does; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size

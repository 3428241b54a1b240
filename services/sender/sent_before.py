"""What this machine has sent by import, as keyed digests: of each event, and of the entity it speaks of.

A file of 16 bytes an event, appended when ingest has answered. Nobody can read ids out of it without the bearer key. It
knows nothing of what other machines have sent.
"""

import hashlib
import hmac
from collections.abc import Iterable
from pathlib import Path

from services.sender.batches import Event

_HALF = 8


class SentBefore:
    """The events that were sent into one store from here; `secret` is the bearer key."""

    def __init__(self, folder: Path, store: str, secret: str) -> None:
        name = hashlib.sha256(store.encode()).hexdigest()[:16]
        self._path = folder / f"sent-{name}.bin"
        self._secret = secret.encode()
        content = self._path.read_bytes() if self._path.exists() else b""
        halves = [content[at : at + _HALF] for at in range(0, len(content) - _HALF + 1, _HALF)]
        self._events = set(halves[0::2])
        self._entities = set(halves[1::2])

    def has_event(self, event: Event) -> bool:
        """Whether this very statement was sent."""
        return self._event(event) in self._events

    def has_entity(self, event: Event) -> bool:
        """Whether an event of the same type about the same id was sent."""
        return self._entity(event) in self._entities

    def add(self, events: Iterable[Event]) -> None:
        """Remember what ingest has taken."""
        fresh = [event for event in events if not self.has_event(event)]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(b"".join(self._event(event) + self._entity(event) for event in fresh))

    def forget(self, events: Iterable[Event]) -> None:
        """Forget what was taken back, so that it is new when it is sent again."""
        gone = {self._event(event) for event in events}
        content = self._path.read_bytes() if self._path.exists() else b""
        pairs = (content[at : at + 2 * _HALF] for at in range(0, len(content), 2 * _HALF))
        if gone & self._events:
            self._path.write_bytes(b"".join(pair for pair in pairs if pair[:_HALF] not in gone))

    def _event(self, event: Event) -> bytes:
        return self._digest(event["id"])

    def _entity(self, event: Event) -> bytes:
        return self._digest("\0".join((event["source"], event["type"], event["subject"])))

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._secret, text.encode(), hashlib.sha256)[:_HALF]

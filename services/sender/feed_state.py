"""How far a feed has come, and what ingest rejected of it; one run at a time has it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from services.sender.client import OpenStore
from services.sender.retries import SendError
from shared.contracts.ingest import EventRejection

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FeedRunningError(SendError):
    """Another run sends the same events; wait for its end."""


class _State(BaseModel):
    store: str
    answered: int
    recorded: str | None = None


@dataclass
class FeedState:
    """`answered`: ingest has answered for this many leading events; `rejected` are those among them not taken.

    `recorded`: when the feed began by ingest's clock, the `recordedtime` of all its events that have none.

    Bound to one store: in another, nothing is answered yet. `begun`: the files are of this store. Beside `path`, and
    written before `answered` moves, stand the rejected events themselves, `<name>.rejected.jsonl`, which can be
    corrected and fed, and in the same order what is wrong with them, `<name>.reasons.jsonl`.
    """

    path: Path
    store: str
    recorded: str
    answered: int
    rejected: list[EventRejection]
    begun: bool = False

    @property
    def rejected_path(self) -> Path:
        return self.path.with_suffix(".rejected.jsonl")

    @property
    def reasons_path(self) -> Path:
        return self.path.with_suffix(".reasons.jsonl")

    @classmethod
    def load(cls, path: Path, store: OpenStore) -> "FeedState":
        """What the files say of `store`; the beginning, where they say nothing or cannot be read."""
        state = cls(path, store.id, store.now, 0, [])
        events: list[bytes] = []
        try:
            saved = _State.model_validate_json(path.read_bytes())
            rejected = [EventRejection.model_validate_json(line) for line in _lines(state.reasons_path)]
            events = _lines(state.rejected_path)
        except (FileNotFoundError, ValidationError):
            saved, rejected = None, []
        if saved is not None and saved.store == store.id:
            state.begun = True
            state.recorded = saved.recorded or store.now
            state.answered = saved.answered
            state.rejected = [item for item in rejected if item.index < saved.answered]
        path.parent.mkdir(parents=True, exist_ok=True)
        state.forget_rejected()
        state._record(state.rejected, events[: len(state.rejected)])
        return state

    def advance(self, answered: int, rejected: list[EventRejection], events: list[bytes]) -> None:
        """Record that everything before `answered` is answered, `rejected` being what is new among it, as `events`."""
        self.rejected += rejected
        self._record(rejected, events)
        self.answered = answered
        fresh = self.path.with_name(self.path.name + ".new")
        saved = _State(store=self.store, answered=answered, recorded=self.recorded)
        fresh.write_text(saved.model_dump_json() + "\n", encoding="utf-8")
        fresh.replace(self.path)

    def forget_rejected(self) -> None:
        """Remove both files of what was rejected."""
        for path in (self.rejected_path, self.reasons_path):
            path.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove all of it: the next run begins anew."""
        self.forget_rejected()
        self.path.unlink(missing_ok=True)

    def _record(self, rejected: list[EventRejection], events: list[bytes]) -> None:
        reasons = [item.model_dump_json().encode() for item in rejected]
        for path, lines in ((self.rejected_path, events), (self.reasons_path, reasons)):
            if lines:
                with path.open("ab") as file:
                    file.writelines(line + b"\n" for line in lines)


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines() if path.exists() else []


@contextmanager
def alone(state_path: Path) -> Iterator[None]:
    """Hold `state_path` for this process until the end; the system lets it go when the process ends.

    Raises:
        FeedRunningError: another process has it.
    """
    state_path.parent.mkdir(parents=True, exist_ok=True)
    lock = state_path.with_suffix(".lock")
    with lock.open("ab") as file:
        try:
            if sys.platform == "win32":
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.fstat(file.fileno()).st_nlink:
                raise BlockingIOError  # the run that had it has just removed it
        except OSError as error:
            raise FeedRunningError(f"another run is sending the same events; it holds {state_path}") from error
        try:
            yield
        finally:
            with suppress(PermissionError):  # Windows removes no open file
                lock.unlink(missing_ok=True)

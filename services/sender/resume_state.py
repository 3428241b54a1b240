"""How far a feed has come, kept in two small files, so that an interrupted run goes on where it was."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from services.sender.batches import Rejected


class _State(BaseModel):
    store: str
    answered: int


@dataclass
class FeedState:
    """`answered`: ingest has answered for this many leading events; `rejected` are those among them not taken.

    Bound to one store: in another, nothing is answered yet. `begun`: the files are of this store. The rejected stand
    beside `path` as `<name>.rejected.jsonl`, one a line, written before `answered` moves.
    """

    path: Path
    store: str
    answered: int
    rejected: list[Rejected]
    begun: bool = False

    @property
    def rejected_path(self) -> Path:
        return self.path.with_suffix(".rejected.jsonl")

    @classmethod
    def load(cls, path: Path, store: str) -> "FeedState":
        """What the files say of `store`; the beginning, where they say nothing or cannot be read."""
        state = cls(path, store, 0, [])
        try:
            saved = _State.model_validate_json(path.read_bytes())
            rejected = _read_rejected(state.rejected_path)
        except (FileNotFoundError, ValidationError):
            saved, rejected = None, []
        if saved is not None and saved.store == store:
            state.begun = True
            state.answered = saved.answered
            state.rejected = [item for item in rejected if item.index < saved.answered]
        path.parent.mkdir(parents=True, exist_ok=True)
        state.rejected_path.unlink(missing_ok=True)
        state._note(state.rejected)
        return state

    def advance(self, answered: int, rejected: list[Rejected]) -> None:
        """Record that everything before `answered` is answered, `rejected` being what is new among it."""
        self.rejected += rejected
        self._note(rejected)
        self.answered = answered
        fresh = self.path.with_name(self.path.name + ".new")
        fresh.write_text(_State(store=self.store, answered=answered).model_dump_json() + "\n", encoding="utf-8")
        fresh.replace(self.path)

    def _note(self, rejected: list[Rejected]) -> None:
        if rejected:
            with self.rejected_path.open("a", encoding="utf-8") as file:
                file.writelines(item.model_dump_json() + "\n" for item in rejected)


def _read_rejected(path: Path) -> list[Rejected]:
    if not path.exists():
        return []
    return [Rejected.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines()]

"""Feed a run of events to ingest, once each, however often the run is interrupted.

The resume state, two small files, says how far a feed has come.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pydantic import BaseModel, ValidationError

from services.sender.batches import Batch, Event, Limits, cut
from services.sender.client import Sender, open_retrier, send_in_order, store_of
from services.sender.retries import Backoff
from shared.contracts.ingest import EventRejection
from shared.runtime.terminal import long_job


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
    rejected: list[EventRejection]
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
        state._record(state.rejected)
        return state

    def advance(self, answered: int, rejected: list[EventRejection]) -> None:
        """Record that everything before `answered` is answered, `rejected` being what is new among it."""
        self.rejected += rejected
        self._record(rejected)
        self.answered = answered
        fresh = self.path.with_name(self.path.name + ".new")
        fresh.write_text(_State(store=self.store, answered=answered).model_dump_json() + "\n", encoding="utf-8")
        fresh.replace(self.path)

    def _record(self, rejected: list[EventRejection]) -> None:
        if rejected:
            with self.rejected_path.open("a", encoding="utf-8") as file:
                file.writelines(item.model_dump_json() + "\n" for item in rejected)


@dataclass(frozen=True)
class FeedProgress:
    """Ingest has answered for `answered` of `total` events, `rejected` of them with a no."""

    answered: int
    total: int
    rejected: int


@dataclass(frozen=True)
class FeedResult:
    """The whole feed over all its runs: `sent` in this run, `accepted` and `rejected` in all."""

    total: int
    sent: int
    accepted: int
    rejected: list[EventRejection]
    rejected_path: Path


async def feed_events(
    events: Iterable[Event],
    total: int,
    url: str,
    key: str,
    state_path: Path,
    store: str,
    on_progress: Callable[[FeedProgress], None] = lambda _: None,
    *,
    on_wait: Callable[[str], None] = lambda _: None,
    limits: Limits | None = None,
    backoff: Backoff | None = None,
) -> FeedResult:
    """Send the `total` events of `events` to the ingest at `url`, from where `state_path` says we were.

    `events` must be the same in every run with one `state_path`. `store` names the store behind ingest
    (`store_of`): another store is fed from the start. `on_wait` hears of temporary trouble.

    Raises:
        SendError: ingest refuses the request as a whole, or is away too long. Run again to go on.
    """
    limits = limits or Limits()
    state = FeedState.load(state_path, store)
    before = state.answered

    def report() -> None:
        on_progress(FeedProgress(state.answered, total, len(state.rejected)))

    def on_answer(batch: Batch, rejected: list[EventRejection]) -> None:
        state.advance(batch.end, rejected)
        report()

    report()
    async with open_retrier(backoff or Backoff(), on_wait) as retrier:
        sender = Sender(retrier, url, key)
        batches = cut(islice(events, before, None), limits, before)
        await send_in_order(batches, sender.send, limits.in_flight, on_answer)
    return FeedResult(
        total=total,
        sent=state.answered - before,
        accepted=state.answered - len(state.rejected),
        rejected=state.rejected,
        rejected_path=state.rejected_path,
    )


async def feed_shown(
    title: str,
    events: Iterable[Event],
    total: int,
    url: str,
    key: str,
    state_path: Path,
    backoff: Backoff | None = None,
) -> FeedResult:
    """`feed_events` into whatever store is behind `url`, with a progress bar named `title`.

    Raises:
        SendError: as `feed_events` and `store_of` have it.
    """
    with long_job(title, total) as display:
        return await feed_events(
            events,
            total,
            url,
            key,
            state_path,
            await store_of(url, display.say, backoff),
            lambda progress: display.advance(progress.answered),
            on_wait=display.say,
            backoff=backoff,
        )


def _read_rejected(path: Path) -> list[EventRejection]:
    if not path.exists():
        return []
    return [EventRejection.model_validate_json(line) for line in path.read_bytes().splitlines()]

"""Feed a run of events to ingest, once each, however often the run is interrupted.

`feed_state` says how far a feed has come.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from services.sender.batches import Batch, Event, Limits, cut
from services.sender.client import OpenStore, Sender, open_retrier, send_in_order, store_of
from services.sender.feed_state import FeedState, alone
from services.sender.retries import Backoff
from shared.contracts.ingest import EventRejection
from shared.runtime.terminal import long_job


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
    state: FeedState

    @property
    def rejected_path(self) -> Path:
        """Where the rejected events are."""
        return self.state.rejected_path


async def feed_events(
    events: Iterable[Event],
    total: int,
    url: str,
    key: str,
    state_path: Path,
    store: OpenStore,
    on_progress: Callable[[FeedProgress], None] = lambda _: None,
    *,
    on_wait: Callable[[str], None] = lambda _: None,
    limits: Limits | None = None,
    backoff: Backoff | None = None,
) -> FeedResult:
    """Send the `total` events of `events` to the ingest at `url`, from where `state_path` says we were.

    `events` must be the same in every run with one `state_path`. `store` is the one behind ingest
    (`store_of`): another store is fed from the start. An event without `recordedtime` is sent with that of the feed.
    `on_wait` hears of temporary trouble.

    Raises:
        SendError: ingest refuses the request as a whole, or is away too long. Run again to go on.
        FeedRunningError: another run with the same state is at work.
    """
    limits = limits or Limits()
    with alone(state_path):
        state = FeedState.load(state_path, store)
        before = state.answered

        def report() -> None:
            on_progress(FeedProgress(state.answered, total, len(state.rejected)))

        def on_answer(batch: Batch, rejected: list[EventRejection]) -> None:
            state.advance(batch.end, rejected, [batch.encoded[item.index - batch.first] for item in rejected])
            report()

        report()
        async with open_retrier(backoff or Backoff(), on_wait) as retrier:
            sender = Sender(retrier, url, key)
            stamped = ({"recordedtime": state.recorded} | event for event in islice(events, before, None))
            batches = cut(stamped, limits, before)
            await send_in_order(batches, sender.send, limits.in_flight, on_answer)
        return FeedResult(
            total=total,
            sent=state.answered - before,
            accepted=state.answered - len(state.rejected),
            rejected=state.rejected,
            state=state,
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

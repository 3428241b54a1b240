"""Feed a run of events to ingest, once each, however often the run is interrupted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import httpx

from services.sender.batches import Batch, Event, Limits, Rejected, cut
from services.sender.client import Sender, send_in_order
from services.sender.resume_state import FeedState
from services.sender.retries import Backoff, Retrier, SendError, detail_of
from shared.runtime.terminal import long_job

TIMEOUT = httpx.Timeout(30.0)


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
    rejected: list[Rejected]
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

    def on_answer(batch: Batch, rejected: list[Rejected]) -> None:
        state.advance(batch.end, rejected)
        report()

    report()
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        sender = Sender(Retrier(client, backoff or Backoff(), on_wait=on_wait), url, key)
        batches = cut(islice(events, before, None), limits, before)
        await send_in_order(batches, sender.send, limits.in_flight, on_answer)
    return FeedResult(
        total=total,
        sent=state.answered - before,
        accepted=state.answered - len(state.rejected),
        rejected=state.rejected,
        rejected_path=state.rejected_path,
    )


async def store_of(url: str, on_wait: Callable[[str], None] = lambda _: None, backoff: Backoff | None = None) -> str:
    """The id of the store behind the ingest at `url`, once it is ready.

    Raises:
        SendError: nothing that is ingest, or not ready in time.
    """
    address = f"{url.rstrip('/')}/readyz"
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        retrier = Retrier(client, backoff or Backoff(patience=10.0), on_wait=on_wait)
        response = await retrier.request("GET", address)
    try:
        store = response.json().get("store")
    except (ValueError, AttributeError):
        store = None
    if response.status_code != httpx.codes.OK or not isinstance(store, str):
        raise SendError(f"{address} answers {response.status_code}{detail_of(response)}, not as ingest does")
    return store


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

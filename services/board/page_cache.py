"""Page cache: answers of metrics and the pages rendered from them, each until a change concerns it or it is too old."""

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

from shared.contracts.metrics import ChangedCount, ProgressChanged

T = TypeVar("T")

MAX_AGE = 5.0
"""Seconds anything is used where no change is announced: Redis, and so the stream, may be away."""

MAX_ENTRIES = 768


@dataclass(frozen=True)
class Scope:
    """The changed counts that concern an answer: of these units and targets, up to and on `until`; None is any.

    With `reconciliation`, also every count that only reconciliation shows.
    """

    units: frozenset[str] | None = None
    targets: frozenset[int] | None = None
    until: dt.date | None = None
    reconciliation: bool = False

    def concerned(self, entry: ProgressChanged) -> bool:
        if self.reconciliation and entry.reconciliation_changed:
            return True
        return any(self._holds(change) for change in entry.changes)

    def _holds(self, change: ChangedCount) -> bool:
        return (
            (self.units is None or change.unit in self.units)
            and (self.targets is None or change.target in self.targets)
            and (self.until is None or change.day <= self.until)
        )


NO_CHANGE = Scope(units=frozenset())
"""The scope of what no count bears on."""


class _Entry(NamedTuple):
    scope: Scope | None
    source: object
    value: Any


class _Fetch:
    """A value under way; `overtaken` once a change concerns it, since it may be from before the change."""

    def __init__(self, scope: Scope | None, source: object, task: asyncio.Task[Any]) -> None:
        self.scope = scope
        self.source = source
        self.task = task
        self.overtaken = False


class PageCache:
    """Values by key. A scope of None means that every change concerns the value."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._version: str | None = None
        self._entries: dict[Hashable, _Entry] = {}
        self._fetches: dict[Hashable, _Fetch] = {}
        self._since = monotonic()

    def expire(self) -> None:
        """Drop everything if it is too old or too much; once before the questions of one page."""
        if self._monotonic() - self._since > MAX_AGE or len(self._entries) >= MAX_ENTRIES:
            self._drop(lambda _: True)
            self._since = self._monotonic()

    def follow(self, entry: ProgressChanged) -> bool:
        """Drop what an entry of `progress` concerns; False where it is a repetition, which concerns nothing.

        Everything is dropped where the entry does not list all changes, or does not follow the last one read: another
        was lost between them, or they are of two runs of metrics.
        """
        if entry.version == self._version:
            return False
        follows = entry.previous is not None and entry.previous == self._version
        self._version = entry.version
        if follows and entry.complete:
            self._drop(lambda scope: scope is None or scope.concerned(entry))
        else:
            self._drop(lambda _: True)
        return True

    async def remembered(
        self, key: Hashable, scope: Scope | None, make: Callable[[], Coroutine[Any, Any, T]], source: object = None
    ) -> T:
        """The value of `key` that was made from the object `source`, by `make` if there is none; raises as `make`.

        Who asks for one key at the same time shares one `make`. A value that a change overtook is not remembered.
        """
        known = self._entries.get(key)
        if known is not None and known.source is source:
            value: T = known.value
            return value
        fetch = self._fetches.get(key)
        if fetch is None or fetch.overtaken or fetch.source is not source:
            if fetch is not None:
                fetch.overtaken = True
            fetch = _Fetch(scope, source, asyncio.create_task(make()))
            fetch.task.add_done_callback(partial(self._made, key, fetch))
            self._fetches[key] = fetch
        made: T = await asyncio.shield(fetch.task)  # the others still wait for it when this visitor leaves
        return made

    def _made(self, key: Hashable, fetch: _Fetch, task: asyncio.Task[Any]) -> None:
        if self._fetches.get(key) is fetch:
            del self._fetches[key]
        if not task.cancelled() and task.exception() is None and not fetch.overtaken:
            self._entries[key] = _Entry(fetch.scope, fetch.source, task.result())

    def _drop(self, concerned: Callable[[Scope | None], bool]) -> None:
        self._entries = {key: entry for key, entry in self._entries.items() if not concerned(entry.scope)}
        for fetch in self._fetches.values():
            fetch.overtaken = fetch.overtaken or concerned(fetch.scope)

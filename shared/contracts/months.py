"""Closed months as they stand in Redis and in the API of metrics."""

import datetime as dt
import hashlib
from typing import Literal

from pydantic import BaseModel

from shared.domain.frozen import FrozenModel
from shared.domain.snapshot import Snapshot

MonthStatus = Literal["provisional", "final", "reopened"]


class Revision(FrozenModel):
    """One revision's snapshot: who took it when. `digest` is the SHA-256 of its JSON, which is stored under it."""

    digest: str
    closed_at: dt.datetime
    by: str


class MonthState(FrozenModel):
    """Where a month stands: the number of its last revision, whether that one still holds, and all revisions.

    `taken` holds the revisions by their number; the field is named as in every stored state.
    """

    month: str
    revision: int
    status: MonthStatus
    taken: tuple[Revision, ...]


class ClosedMonth(FrozenModel):
    """A snapshot as it was taken: what was printed can be proved by its digest."""

    snapshot: Snapshot
    closed_at: dt.datetime
    by: str
    digest: str


def digest_of(content: bytes) -> str:
    """SHA-256 of a snapshot's JSON, in hex."""
    return hashlib.sha256(content).hexdigest()


class AuditEntry(BaseModel):
    """One line of the audit trail: who did what to which month, when and why."""

    at: dt.datetime
    who: str
    what: Literal["close", "reopen"]
    month: str
    revision: int
    status: MonthStatus
    reason: str = ""
    digest: str = ""


class ChangedFigure(BaseModel):
    """A figure that is another now than in the snapshot; `ref` names it in the notice."""

    ref: str
    old: float | int | None
    new: float | int | None


class ChangedVerdict(BaseModel):
    """A unit and target of which the notice would now say something else."""

    unit: str
    target: int
    old: str
    new: str


class LateEvent(BaseModel):
    """An event that came after a snapshot and bears on a day it covers; `entity` is a pseudonym,
    `id` the digest of the event's.

    `day` is the event's own: a correction sent in July may move an account of June.
    """

    log: str
    entry: str
    type: str
    role: str
    id: str
    entity: str
    day: dt.date


class Restatement(BaseModel):
    """What later events changed about a closed month. The closed figures themselves stay as they are.

    `events` lists the first of them in the order of the log; `complete` unless there are more.
    """

    month: str
    revision: int
    cells: list[ChangedFigure]
    verdicts: list[ChangedVerdict]
    events: list[LateEvent]
    complete: bool


class Verification(BaseModel):
    """A snapshot beside a recount of the log up to the positions it knew.

    `digest_holds`: it is, byte for byte, what the audit trail says was taken.
    """

    month: str
    revision: int
    digest_holds: bool
    cells: list[ChangedFigure]

    @property
    def holds(self) -> bool:
        return self.digest_holds and not self.cells

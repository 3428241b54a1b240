"""What is kept of closed months, as it stands in Redis and in the API."""

import datetime as dt
import hashlib
from typing import Literal

from pydantic import BaseModel

from shared.contracts.metrics import LateEvent
from shared.domain.frozen import FrozenModel
from shared.domain.snapshot import Snapshot

MonthStatus = Literal["provisional", "final", "reopened"]


class Taken(FrozenModel):
    """One revision's snapshot: who took it when. `digest` is the SHA-256 of its JSON, which is kept under that name."""

    digest: str
    closed_at: dt.datetime
    by: str


class MonthState(FrozenModel):
    """Where a month stands: the revision of its last snapshot, whether that one still holds, and all revisions."""

    month: str
    revision: int
    status: MonthStatus
    taken: tuple[Taken, ...]


class Closed(FrozenModel):
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


class ChangedCell(BaseModel):
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


class Restatement(BaseModel):
    """What later events changed about a closed month. The closed figures themselves stay as they are."""

    month: str
    revision: int
    cells: list[ChangedCell]
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
    cells: list[ChangedCell]

    @property
    def holds(self) -> bool:
        return self.digest_holds and not self.cells

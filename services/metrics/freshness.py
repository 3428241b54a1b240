"""Freshness: waits until the counters stand where the log ended when it was asked."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from services.metrics.partition_store import PartitionStore, id_order
from shared.domain.errors import UnavailableError

WITHIN = 30.0
"""Seconds that one request waits."""

POLL = 0.1
"""Seconds between two looks at the checkpoints."""


async def wait_until_counted(stores: Sequence[PartitionStore], fingerprint: str, within: float = WITHIN) -> None:
    """Wait until every entry that the log holds now is counted by the rules of `fingerprint`.

    What is added meanwhile is not waited for: under steady load there is no moment without a backlog.

    Raises:
        UnavailableError: they are not counted `within` seconds.
    """
    deadline = time.monotonic() + within
    ends = {store.key: await store.last_id() for store in stores}
    while problem := await _uncounted(stores, ends, fingerprint):
        if time.monotonic() >= deadline:
            raise UnavailableError(f"metrics is still counting, {problem}: try again later")
        await asyncio.sleep(POLL)


async def _uncounted(stores: Sequence[PartitionStore], ends: Mapping[str, str], fingerprint: str) -> str:
    """Why the counters do not stand at `ends` (log -> entry id); empty where they do."""
    checkpoints = {store.key: await store.checkpoint() for store in stores}
    if any(each.fingerprint not in (None, fingerprint) for each in checkpoints.values()):
        return "the log is being recounted for another catalogue"
    if all(id_order(checkpoints[log].entry_id) >= id_order(end) for log, end in ends.items()):
        return ""
    waiting = sum([(await store.progress())[0] for store in stores])
    return f"{waiting} entries wait"

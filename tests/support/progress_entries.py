"""Entries of the stream `progress`, each following the one before."""

import datetime as dt
from typing import Any

from shared.contracts.metrics import ChangedCount, ProgressChanged

JUNE_30 = dt.date(2023, 6, 30)
AN_LAO = ChangedCount(unit="an-lao", target=1, day=JUNE_30)


def entry(number: int, *changes: ChangedCount, **fields: Any) -> ProgressChanged:
    """The entry of that number: each follows the one before."""
    stated = {"version": f"run-{number}", "previous": f"run-{number - 1}", "complete": True, "changes": list(changes)}
    return ProgressChanged.model_validate(stated | fields)

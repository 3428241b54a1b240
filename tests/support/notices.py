"""The notice of 1 July 2023 for tests: its snapshot, and the snapshot after late corrections."""

from functools import cache

from shared.domain.snapshot import Snapshot, snapshot_from_measures
from tests.support.notice434 import JULY, JUNE, MAY, catalogue, measures_on


@cache
def july() -> Snapshot:
    """As Notice 434 had it."""
    columns = measures_on(JULY), measures_on(JUNE), measures_on(MAY)
    return snapshot_from_measures(catalogue(), JULY, columns, status="final", positions={"accounts:0": "1-0"})


@cache
def july_reissued() -> Snapshot:
    """Two more articles of An Lao, one transaction fewer in Quy Nhon."""
    late = dict(measures_on(JULY))
    late["articles", "an-lao"] += 2
    late["transacted_accounts", "quy-nhon"] -= 1
    columns = late, measures_on(JUNE), measures_on(MAY)
    return snapshot_from_measures(catalogue(), JULY, columns, status="final", revision=1)

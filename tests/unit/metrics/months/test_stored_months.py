"""Closed months as an earlier release stored them are read, and would be stored the same way again."""

from shared.contracts.months import AuditEntry, MonthState, digest_of
from shared.domain.snapshot import Snapshot
from tests.support.stored_months import AUDIT_ENTRY, SNAPSHOT, STATE


def test_every_record_is_stored_again_as_the_same_bytes() -> None:
    assert Snapshot.model_validate_json(SNAPSHOT).model_dump_json().encode() == SNAPSHOT
    assert MonthState.model_validate_json(STATE).model_dump_json().encode() == STATE
    assert AuditEntry.model_validate_json(AUDIT_ENTRY).model_dump_json().encode() == AUDIT_ENTRY


def test_the_records_name_the_digest_of_the_snapshot() -> None:
    digest = digest_of(SNAPSHOT)
    assert [taken.digest for taken in MonthState.model_validate_json(STATE).taken] == [digest]
    assert AuditEntry.model_validate_json(AUDIT_ENTRY).digest == digest

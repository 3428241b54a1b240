"""Admission remembers sets of values it accepted; whatever came before, its answer is that of a fresh admission."""

from itertools import product
from typing import Any

import pytest

from services.ingest.admission import Admission, AdmittedEvent
from services.ingest.rejections import NotAdmittedError
from shared.contracts.ingest import Code
from tests.support.sample_events import DATA, catalogue, event, key

CATALOGUE = catalogue()
LATEST = 4 * 10**18
VALUES: tuple[Any, ...] = (0, 1, True, False, 1.0, "true", "an-nhon", "resident", "", None, [], {})


def answer(admission: Admission, raw: Any) -> AdmittedEvent | Code:
    try:
        return admission.admit(raw, key(), LATEST)
    except NotAdmittedError as problem:
        return problem.code


@pytest.mark.parametrize("name", DATA)
def test_what_was_accepted_before_changes_no_answer(name: str) -> None:
    valid: dict[str, Any] = DATA[name] or {}
    changed: list[Any] = [valid | {attribute: value} for attribute, value in product([*valid, "more"], VALUES)]
    sent: list[Any] = [valid, None, [], *changed, *reversed(changed), valid]
    remembering = Admission(CATALOGUE)
    for data in sent:
        raw = event(name, data=data)
        assert answer(remembering, raw) == answer(Admission(CATALOGUE), raw), data

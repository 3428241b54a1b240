"""Admission remembers sets of values it accepted; whatever came before, its answer is that of a fresh admission."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.admission import Admission, AdmittedEvent
from services.ingest.envelope import Envelope
from services.ingest.rejections import NotAdmittedError
from shared.contracts.ingest import Code
from tests.support.sample_events import catalogue, event, key

LATEST = 4 * 10**18
UNITS = st.sampled_from(["an-nhon", "quy-nhon", "nowhere", "", None, 7, ["an-nhon"], True])
FLAGS = st.sampled_from([True, False, 1, 0, "true", None])
WORDS = st.sampled_from(["member", "resident", "online", "counter", "other", 1, True, None])
DATA = st.fixed_dictionaries(
    {}, optional={"unit": UNITS, "holder": WORDS, "filer": WORDS, "channel": WORDS, "supported": FLAGS, "more": WORDS}
)
TYPES = st.sampled_from(["account.opened", "dossier.filed", "household.informed", "account.transacted"])


def answer(admission: Admission, raw: Any) -> AdmittedEvent | Code:
    envelope: Envelope = raw
    try:
        return admission.admit(envelope, key(), LATEST)
    except NotAdmittedError as problem:
        return problem.code


@given(st.lists(st.tuples(TYPES, st.one_of(DATA, st.none(), st.just([]))), max_size=12))
def test_what_was_accepted_before_changes_no_answer(sent: list[tuple[str, Any]]) -> None:
    remembering = Admission(catalogue())
    for name, data in sent:
        raw = event(name, data=data)
        assert answer(remembering, raw) == answer(Admission(catalogue()), raw)

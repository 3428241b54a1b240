"""Events as upstream sends them, the shipped catalogue, and the key that may send everything."""

import datetime as dt
from typing import Any

from shared.domain.catalogue import Catalogue, load_catalogue
from shared.http.keys import Key
from shared.runtime.settings import ROOT

PREFIX = "vn.gov.binhdinh.dean5299."
REPORTING = "urn:dean5299:reporting"
RECORD = "urn:igate:binhdinh"
NOW = dt.datetime(2023, 7, 1, 1, 0, 0, 700_000, tzinfo=dt.UTC)

DATA: dict[str, dict[str, Any] | None] = {
    "account.opened": {"unit": "an-nhon", "holder": "member"},
    "account.transacted": None,
    "account.closed": {"reason": "moved away"},
    "dossier.filed": {"unit": "quy-nhon", "filer": "resident", "channel": "online", "supported": True},
    "dossier.withdrawn": {"reason": "filed twice"},
    "article.published": {"unit": "tuy-phuoc"},
    "article.withdrawn": {"unit": "tuy-phuoc"},
    "household.informed": {"unit": "van-canh"},
}
"""What each event type carries."""


def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "deploy" / "catalogue")


def event(name: str = "account.opened", **changes: Any) -> dict[str, Any]:
    """A valid event of a type (named without its prefix); `changes` replace members, None takes one away."""
    made = {
        "specversion": "1.0",
        "id": "e-1",
        "source": REPORTING,
        "type": PREFIX + name,
        "subject": "account-000001",
        "time": "2023-06-30T08:15:00+07:00",
        "data": DATA[name],
    }
    return {name: value for name, value in (made | changes).items() if value is not None}


def key(**scopes: Any) -> Key:
    """A key that may send everything, as far as `scopes` do not limit it."""
    made: dict[str, Any] = {"name": "tests", "sha256": "0" * 64}
    return Key.model_validate(made | scopes)

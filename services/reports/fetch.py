"""The figures of a notice, as the metrics service has them now: a provisional snapshot."""

import datetime as dt
from typing import Final

import httpx
from pydantic import BaseModel, ValidationError

from shared.domain.catalogue import Catalogue
from shared.domain.figures import Measures
from shared.domain.months import month_before
from shared.domain.snapshot import Snapshot, snapshot_from_measures

TIMEOUT: Final = 30.0


class FetchError(RuntimeError):
    """The metrics service gave no measures; the message says which and the remedy."""


class MeasureRow(BaseModel):
    measure: str
    unit: str
    value: int


class MeasuresResponse(BaseModel):
    """What `GET /v1/measures` answers, as far as it is read here."""

    rows: list[MeasureRow]


def fetch_snapshot(url: str, catalogue: Catalogue, as_of: dt.date) -> Snapshot:
    """The provisional snapshot as of `as_of`, from the metrics service at `url`.

    Raises:
        FetchError: it does not answer, or not with measures.
    """
    previous = month_before(as_of)
    with httpx.Client(base_url=url, timeout=TIMEOUT) as client:
        now, earlier, earliest = (_measures(client, day) for day in (as_of, previous, month_before(previous)))
    return snapshot_from_measures(catalogue, as_of, (now, earlier, earliest))


def fetch_closed(url: str, as_of: dt.date) -> tuple[Snapshot, Snapshot | None] | None:
    """The snapshot of the month that ends at `as_of` and the revision before it; None where it was never closed.

    Raises:
        FetchError: metrics at `url` does not answer.
    """
    month = f"{as_of - dt.timedelta(days=1):%Y-%m}"
    with httpx.Client(base_url=url, timeout=TIMEOUT) as client:
        current = _closed(client, month, None)
        if current is None or current.as_of != as_of:
            return None
        return current, _closed(client, month, current.revision - 1) if current.revision else None


def _closed(client: httpx.Client, month: str, revision: int | None) -> Snapshot | None:
    try:
        answer = client.get(f"/v1/months/{month}/snapshot", params={} if revision is None else {"revision": revision})
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchError(
            f"the metrics service at {client.base_url} does not answer ({error}); start it or give --url"
        ) from error
    return Snapshot.model_validate(answer.json()["snapshot"])


def _measures(client: httpx.Client, day: dt.date) -> Measures:
    try:
        answer = client.get("/v1/measures", params={"as_of": day.isoformat()})
        answer.raise_for_status()
        rows = MeasuresResponse.model_validate_json(answer.content).rows
    except httpx.HTTPStatusError as error:
        raise FetchError(
            f"the metrics service at {client.base_url} answered {error.response.status_code} for {day}"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchError(
            f"the metrics service at {client.base_url} does not answer ({error}); start it or give --url"
        ) from error
    except ValidationError as error:
        raise FetchError(f"{client.base_url} is no metrics service: give its address as --url") from error
    return {(row.measure, row.unit): row.value for row in rows}

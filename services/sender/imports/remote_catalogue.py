"""What ingest accepts: the units, types and sources of its catalogue."""

import httpx

from services.sender.feed import TIMEOUT
from services.sender.retries import Backoff, Retrier, SendError, detail_of
from shared.domain.catalogue import Catalogue


async def accepted_by(url: str, backoff: Backoff | None = None) -> Catalogue:
    """The catalogue of the ingest at `url`, without targets, which upstream has no part in.

    Raises:
        SendError: nobody answers there, or somebody else than ingest.
    """
    address = f"{url.rstrip('/')}/v1/catalogue"
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        response = await Retrier(client, backoff or Backoff(patience=10.0)).request("GET", address)
    try:
        return Catalogue.model_validate({**response.json(), "targets": []})
    except (ValueError, TypeError) as error:
        said = f"{address} answers {response.status_code}{detail_of(response)}, not with a catalogue"
        raise SendError(said) from error

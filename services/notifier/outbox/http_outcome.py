"""What an HTTP receiver's answer means for the message it was sent."""

import httpx

from services.notifier.outbox.messages import FailedForNowError, RefusedError

NOT_NOW = frozenset({401, 403, 408, 425, 429})
"""4xx codes that speak of the moment, or of our settings, but not of this message."""


async def post(client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]) -> str:
    """POST `body` and return the status line of a 2xx answer. Redirects are not followed: they are settings.

    Raises:
        FailedForNowError: no answer, a server error, or one of NOT_NOW.
        RefusedError: any other answer.
    """
    try:
        response = await client.post(url, content=body, headers=headers, follow_redirects=False)
    except httpx.RequestError as error:
        raise FailedForNowError(f"no answer: {type(error).__name__}: {error}") from error
    said = f"{response.status_code} {response.reason_phrase}"
    if response.is_success:
        return said
    if response.is_server_error or response.status_code in NOT_NOW:
        raise FailedForNowError(said)
    raise RefusedError(f"{said}: {response.text[:200]}")

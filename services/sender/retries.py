"""Ask a server again while its trouble is temporary, no sooner than it wishes and not for ever."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from shared.domain.clock import Clock
from shared.domain.errors import PulseError


class SendError(PulseError):
    """Nothing more can be sent; the message says why and what to do."""


class RetriesExhaustedError(SendError):
    """The server did not answer, or had no room, for longer than the patience."""


@dataclass(frozen=True)
class Backoff:
    """Seconds. Waits grow from `first` to `cap`, each shortened at random by up to half; `patience` is for one
    request with all its waits."""

    first: float = 0.25
    cap: float = 20.0
    patience: float = 300.0

    def delay(self, attempt: int, rng: random.Random) -> float:
        """How long to wait after the failed attempt number `attempt`, counted from 0."""
        return min(self.cap, self.first * 2.0 ** min(attempt, 32)) * rng.uniform(0.5, 1.0)


class Retrier:
    """Sends one request until the answer is final: neither lost nor 408, 429 or 5xx."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        backoff: Backoff,
        *,
        clock: Clock,
        on_wait: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self._client = client
        self._backoff = backoff
        self._on_wait = on_wait
        self._sleep = sleep
        self._clock = clock
        self._monotonic = monotonic
        self._rng = rng or random.Random()  # noqa: S311 - jitter, nothing secret

    async def request(
        self, method: str, url: str, *, content: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """The final answer.

        Raises:
            RetriesExhaustedError: none came within the patience.
            SendError: the address is not one HTTP requests can go to.
        """
        began = self._monotonic()
        attempt = 0
        while True:
            retry_after = 0.0
            try:
                response = await self._client.request(method, url, content=content, headers=headers)
            except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
                raise SendError(f"{url} is not an http:// or https:// address: {error}") from error
            except httpx.TransportError as error:
                trouble = f"{url} does not answer ({error or type(error).__name__})"
            else:
                if not _temporary(response.status_code):
                    return response
                trouble = f"{url} answers {response.status_code}{detail_of(response)}"
                retry_after = self._retry_after(response)
            wait = retry_after + self._backoff.delay(attempt, self._rng)
            if self._monotonic() - began + wait > self._backoff.patience:
                raise RetriesExhaustedError(f"{trouble}; gave up after {attempt + 1} attempts")
            self._on_wait(f"{trouble}; trying again in {wait:.1f} s")
            await self._sleep(wait)
            attempt += 1

    def _retry_after(self, response: httpx.Response) -> float:
        """Seconds the server asks for, in either form of RFC 9110 section 10.2.3; 0 if it asks for none."""
        value = response.headers.get("Retry-After", "").strip()
        if value.isdecimal():
            return float(value)
        try:
            until = parsedate_to_datetime(value)
            return max(0.0, (until - self._clock()).total_seconds())
        except (ValueError, TypeError):
            return 0.0


def detail_of(response: httpx.Response) -> str:
    """What a problem+json answer says, as ": detail"; nothing where the answer is of another kind."""
    try:
        problem = response.json()
    except ValueError:
        return ""
    detail = (problem.get("detail") or problem.get("title")) if isinstance(problem, dict) else None
    return f": {detail}" if detail else ""


def _temporary(status: int) -> bool:
    return status in (408, 429) or status >= 500

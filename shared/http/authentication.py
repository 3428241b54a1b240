"""Who asks, by bearer key: every service asks for a key with the right that a request needs.

A key is never logged and a failed try always is, once a second at most for each reason, with how many there were.
"""

import logging
import time
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CollectorRegistry, Counter

from shared.domain.clock import Clock
from shared.domain.errors import ForbiddenError, UnauthorizedError
from shared.http.keys import Key, Keys, Right

log = logging.getLogger(__name__)

Reason = Literal["missing", "unknown", "expired", "right", "origin"]
REASONS: tuple[Reason, ...] = get_args(Reason)

LOG_EVERY = 1.0
"""Seconds between two log lines of one reason: whoever guesses must not fill the disk."""

_bearer = Security(HTTPBearer(auto_error=False))


class Authentication:
    """Finds the key of a request; counts and logs the tries that fail."""

    def __init__(
        self, keys: Keys, clock: Clock, registry: CollectorRegistry, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._monotonic = monotonic
        self._failures = Counter(
            "pulse_authentication_failures",
            "Requests without the key they need, by reason.",
            ["reason"],
            registry=registry,
        )
        for reason in REASONS:
            self._failures.labels(reason)
        self._unlogged = dict.fromkeys(REASONS, 0)
        self._logged_at = dict.fromkeys(REASONS, float("-inf"))

    def key_of(self, request: Request, right: Right) -> Key:
        """The key that `request` comes with.

        Raises:
            UnauthorizedError: none, an unknown one, or one that has expired.
            ForbiddenError: it has not the `right`.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise self._unauthorized(request, "missing", "send `Authorization: Bearer KEY`; the office gives out keys")
        key = self._keys.find(token)
        if key is None:
            raise self._unauthorized(request, "unknown", "this key is not known: check it, or ask the office for one")
        if key.expires is not None and key.expires <= self._clock():
            self._failed(request, "expired", key.name)
            raise UnauthorizedError(f"key {key.name!r} ended on {key.expires}: ask the office for a new one")
        if right not in key.rights:
            self._failed(request, "right", key.name)
            raise ForbiddenError(
                f"key {key.name!r} has not the right {right!r}: ask the office to add it in the keys file"
            )
        return key

    def may(self, right: Right) -> Callable[..., Coroutine[Any, Any, Key]]:
        """A dependency: the key of a request that needs `right`, and does not come from a page of another host."""

        async def authorised(
            request: Request, _: Annotated[HTTPAuthorizationCredentials | None, _bearer] = None
        ) -> Key:
            origin = request.headers.get("origin")
            if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
                self._failed(request, "origin")
                raise ForbiddenError("a page of another host may not ask this: use the console")
            return self.key_of(request, right)

        return authorised

    def _unauthorized(self, request: Request, reason: Reason, detail: str) -> UnauthorizedError:
        self._failed(request, reason)
        return UnauthorizedError(detail)

    def _failed(self, request: Request, reason: Reason, name: str | None = None) -> None:
        self._failures.labels(reason).inc()
        self._unlogged[reason] += 1
        now = self._monotonic()
        if now - self._logged_at[reason] < LOG_EVERY:
            return
        client = request.client.host if request.client else None
        fields = {"reason": reason, "key": name, "client": client, "path": request.url.path}
        log.warning("authentication failed", extra=fields | {"tries": self._unlogged[reason]})
        self._unlogged[reason], self._logged_at[reason] = 0, now

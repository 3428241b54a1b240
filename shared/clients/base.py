"""What the HTTP clients of all services share: one time-out policy, one meaning of each failure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    PulseError,
    UnauthorizedError,
    UnavailableError,
)

T = TypeVar("T")

Parameters = Mapping[str, object]
"""Query parameters by name; those that are None are left out."""

NONE: Parameters = MappingProxyType({})

TIMEOUT: Final = httpx.Timeout(5.0)
"""For questions that are answered from memory."""

COUNTED_TIMEOUT: Final = httpx.Timeout(40.0)
"""For questions that wait until the log is counted, which metrics does for 30 s at most."""

LOG_TIMEOUT: Final = httpx.Timeout(300.0)
"""For questions that make a service read the whole log."""

_ERRORS: Mapping[int, type[PulseError]] = {
    400: InvalidError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    422: InvalidError,
}


class UnreachableError(UnavailableError):
    """The service does not answer, or something else answers at its address."""


class AnotherServiceError(UnreachableError):
    """Something else answers at the address."""


class ServiceClient:
    """Asks one service at `url`; `name` is what error messages call it. The caller closes `http`.

    `key` is the bearer key for what not everybody may ask.
    """

    def __init__(self, http: httpx.AsyncClient, url: str, name: str, key: str | None = None) -> None:
        self._http = http
        self.url = url.rstrip("/")
        self._name = name
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    async def get(self, path: str, model: type[T], parameters: Parameters = NONE, limit: httpx.Timeout = TIMEOUT) -> T:
        """The answer as `model`; parameters that are None are left out.

        Raises:
            NotFoundError, InvalidError, ConflictError: the service refuses, in its own words.
            UnavailableError: it cannot answer now; UnreachableError: it does not answer, or is another service.
        """
        return _parsed(model, await self.request("GET", path, parameters, limit), self._name)

    async def post(self, path: str, model: type[T], parameters: Parameters = NONE, limit: httpx.Timeout = TIMEOUT) -> T:
        """As `get`, for a request that changes something."""
        return _parsed(model, await self.request("POST", path, parameters, limit), self._name)

    async def request(
        self, method: str, path: str, parameters: Parameters = NONE, limit: httpx.Timeout = TIMEOUT
    ) -> httpx.Response:
        """The answer to one request; raises as `get`."""
        query: dict[str, Any] = {name: _text(value) for name, value in parameters.items() if value is not None}
        try:
            response = await self._http.request(
                method, self.url + path, params=query, headers=self._headers, timeout=limit
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise UnreachableError(f"{self._name} at {self.url} does not answer ({reason})") from error
        if response.is_error:
            raise _refusal(response, self._name)
        return response


def _refusal(response: httpx.Response, name: str) -> PulseError:
    """The service's own words where it gives any; a path it does not know means that it is another service."""
    problem = _problem(response)
    if problem is None:
        return UnavailableError(f"{_address(response)} answered {response.status_code}")
    if response.status_code == NotFoundError.status and problem.title != NotFoundError.title:
        return _another_service(response, name)
    return _ERRORS.get(response.status_code, UnavailableError)(problem.detail)


def _another_service(response: httpx.Response, name: str) -> AnotherServiceError:
    return AnotherServiceError(f"{_address(response)} does not answer as {name} does: check the address")


def _address(response: httpx.Response) -> str:
    return str(response.url.copy_with(query=None))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parsed(model: type[T], response: httpx.Response, name: str) -> T:
    try:
        return TypeAdapter(model).validate_json(response.content)
    except ValidationError as error:
        raise _another_service(response, name) from error


class _Problem(BaseModel):
    title: str
    detail: str


def _problem(response: httpx.Response) -> _Problem | None:
    """A problem+json answer; None where the answer is of another type."""
    try:
        return _Problem.model_validate_json(response.content)
    except ValidationError:
        return None

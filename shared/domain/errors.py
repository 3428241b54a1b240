"""The error model: what can go wrong for somebody outside, each kind with the HTTP status it is answered with.

A service raises one of these; `shared/http/problems.py` turns it into a problem+json answer, the console into one line.
The message names the field or setting at fault and the remedy. Any other exception is a fault of the program.
"""

from collections.abc import Mapping
from types import MappingProxyType


class PulseError(Exception):
    """Something a caller, user or operator can act on.

    `retry_after` in seconds where waiting helps; `members` extend the problem (RFC 9457 section 3.2), `headers` the
    answer.
    """

    status = 500
    title = "Internal error"
    retry_after: int | None = None
    members: Mapping[str, str | None] = MappingProxyType({})
    headers: Mapping[str, str] = MappingProxyType({})


class InvalidError(PulseError):
    """A request, parameter or file that cannot be understood or does not fit."""

    status = 422
    title = "Invalid request"


class UnauthorizedError(PulseError):
    """No key, or none that is known."""

    status = 401
    title = "Unauthorized"


class ForbiddenError(PulseError):
    """The key has not the right that the request needs."""

    status = 403
    title = "Forbidden"


class NotFoundError(PulseError):
    """What was asked for is not there; the message says where to look."""

    status = 404
    title = "Not found"


class ConflictError(PulseError):
    """The request does not fit the present state; the message says what does."""

    status = 409
    title = "Conflict"


class UnavailableError(PulseError):
    """Something this process depends on cannot be used now; trying again later helps."""

    status = 503
    title = "Service unavailable"
    retry_after = 5


class ConfigError(PulseError):
    """A setting, file or environment that must be mended by its operator; a command ends with exit code 2."""

    title = "Wrong configuration"

"""Content-Type as HTTP defines it: names without regard to case, parameters after semicolons. Pure."""

from typing import NamedTuple

from services.ingest.rejections import ProblemError

UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii"})
"""Charsets that are UTF-8 or part of it; none given means UTF-8, as JSON has it (RFC 8259 section 8.1)."""


class MediaType(NamedTuple):
    """`name` in lower case, empty where none was sent; `charset` likewise."""

    name: str
    charset: str

    @property
    def is_json(self) -> bool:
        """JSON as the CloudEvents JSON format defines it (section 3.1): subtype `json` or suffix `+json`."""
        return self.name.endswith(("/json", "+json"))

    def require_utf8(self) -> None:
        """Refuse a charset that JSON does not have.

        Raises:
            ProblemError: 415.
        """
        if self.charset not in UTF8:
            raise ProblemError(415, "Unsupported charset", f"charset {self.charset!r}: send UTF-8")


def parse_media_type(content_type: str) -> MediaType:
    """The media type in a Content-Type header."""
    name, *parameters = content_type.lower().split(";")
    charset = ""
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "charset":
            charset = value.strip().strip('"')
    return MediaType(name.strip(), charset)

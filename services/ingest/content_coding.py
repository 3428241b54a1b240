"""Content codings of a request body: gzip is decoded within the size a body may have, all others are refused. Pure."""

import zlib
from collections.abc import Sequence

from services.ingest.rejections import RequestRefusedError

GZIP = frozenset({"gzip", "x-gzip"})
"""One coding by two names (RFC 9110 section 8.4.1.3)."""

_GZIP_ALONE = 16 + zlib.MAX_WBITS
"""`wbits` of zlib for a gzip header and trailer, whose checksum is verified."""


def is_gzip(content_encoding: Sequence[str]) -> bool:
    """Whether the body is compressed, by its Content-Encoding headers.

    Raises:
        RequestRefusedError: 415, another coding or more than one.
    """
    codings = [coding.strip().lower() for header in content_encoding for coding in header.split(",")]
    codings = [coding for coding in codings if coding not in ("", "identity")]
    if not codings:
        return False
    if len(codings) > 1 or codings[0] not in GZIP:
        detail = f"Content-Encoding {', '.join(codings)[:64]!r}: send the body as it is, or compressed with gzip once"
        raise RequestRefusedError(415, "Unsupported content coding", detail, headers={"Accept-Encoding": "gzip"})
    return True


def gunzipped(body: bytes, max_bytes: int) -> bytes:
    """The content of a gzip body; no more than `max_bytes` + 1 of it are ever made.

    Raises:
        RequestRefusedError: 413, larger; 400, not one whole gzip stream (RFC 1952).
    """
    stream = zlib.decompressobj(_GZIP_ALONE)
    try:
        content = stream.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise RequestRefusedError(400, "Malformed gzip", f"the body is not gzip: {error}") from error
    if len(content) > max_bytes:
        raise RequestRefusedError(413, "Request too large", f"more than {max_bytes} bytes once decompressed: send less")
    if not stream.eof or stream.unused_data:
        fault = "something follows the gzip stream" if stream.eof else "the gzip stream is cut off"
        raise RequestRefusedError(400, "Malformed gzip", f"{fault}: compress the whole body once")
    return content

"""Content codings: gzip within the size a body may have, everything else refused by name."""

import gzip
import zlib

import pytest

from services.ingest.content_coding import gunzipped, is_gzip
from services.ingest.rejections import RequestRefusedError


@pytest.mark.parametrize(
    ("headers", "compressed"),
    [
        ([], False),
        ([""], False),
        (["identity"], False),
        (["gzip"], True),
        (["X-GZip"], True),
        (["identity, GZIP"], True),
    ],
)
def test_gzip_and_identity_are_read(headers: list[str], compressed: bool) -> None:
    assert is_gzip(headers) is compressed


@pytest.mark.parametrize(
    "headers", [["deflate"], ["br"], ["zstd"], ["gzip, gzip"], ["gzip", "br"], ["x" * 5000], ["utf-8"]]
)
def test_other_codings_are_named_and_the_right_one_is_told(headers: list[str]) -> None:
    with pytest.raises(RequestRefusedError) as caught:
        is_gzip(headers)
    assert caught.value.status == 415
    assert caught.value.headers["Accept-Encoding"] == "gzip"
    assert headers[0].partition(",")[0][:60] in str(caught.value)
    assert len(str(caught.value)) < 200


def test_the_content_comes_out() -> None:
    assert gunzipped(gzip.compress(b"content", mtime=0), 7) == b"content"
    assert gunzipped(gzip.compress(b"", mtime=0), 7) == b""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (gzip.compress(b"content", mtime=0), 413),
        (gzip.compress(b"\0" * 50_000_000, mtime=0), 413),
        (gzip.compress(b"c", mtime=0)[:-1], 400),
        (gzip.compress(b"c", mtime=0)[:-8] + b"\0" * 8, 400),
        (gzip.compress(b"c", mtime=0) * 2, 400),
        (gzip.compress(b"c", mtime=0) + b"x", 400),
        (zlib.compress(b"c"), 400),
        (b"{}", 400),
        (b"", 400),
    ],
)
def test_what_is_too_large_or_not_one_gzip_stream_is_refused(body: bytes, status: int) -> None:
    with pytest.raises(RequestRefusedError) as caught:
        gunzipped(body, 6)
    assert caught.value.status == status

"""Pseudonyms against the standard library's HMAC."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.pseudonyms import Pseudonymiser


@given(secret=st.binary(min_size=1, max_size=200), subject=st.text(max_size=200))
def test_a_pseudonym_is_hmac_sha_256_cut_to_16_bytes(secret: bytes, subject: str) -> None:
    expected = hmac.new(secret, subject.encode(), hashlib.sha256).digest()[:16]
    assert Pseudonymiser(secret)(subject) == expected


@pytest.mark.parametrize("length", [63, 64, 65, 128])
def test_secrets_around_the_block_length(length: int) -> None:
    secret = bytes(range(length))
    assert Pseudonymiser(secret)("x") == hmac.new(secret, b"x", hashlib.sha256).digest()[:16]


def test_the_fingerprint_tells_secrets_apart_and_is_no_pseudonym_of_a_likely_subject() -> None:
    one, two = Pseudonymiser(b"one"), Pseudonymiser(b"two")
    assert one.fingerprint != two.fingerprint
    assert one.fingerprint == Pseudonymiser(b"one").fingerprint
    assert one.fingerprint != one("").hex()

"""Pseudonyms against the standard library's HMAC."""

import hashlib
import hmac
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.pseudonyms import Pseudonymiser
from shared.domain.identifiers import one_form
from shared.log.keys import partition_of


@given(secret=st.binary(min_size=1, max_size=200), subject=st.text(max_size=200))
def test_a_pseudonym_is_hmac_sha_256_cut_to_16_bytes(secret: bytes, subject: str) -> None:
    expected = hmac.new(secret, one_form(subject).encode(), hashlib.sha256).digest()[:16]
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


def test_an_entity_always_has_the_same_partition_and_partitions_are_alike() -> None:
    pseudonymise = Pseudonymiser(b"secret")
    sizes = Counter(partition_of(pseudonymise(f"account-{n:06}"), 4) for n in range(20_000))
    assert sizes.keys() == {0, 1, 2, 3}
    assert all(4_800 < size < 5_200 for size in sizes.values())
    assert partition_of(bytes([1, 2]) + bytes(14), 256) == 2

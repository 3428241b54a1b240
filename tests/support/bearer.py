"""The key of tests, which has every right: its ring, its entry in a keys file, and the header it is sent in."""

from typing import get_args

from prometheus_client import CollectorRegistry

from shared.domain.clock import Clock, system_clock
from shared.http.authentication import Authentication
from shared.http.keys import Key, KeyRing, Right, digest_of

TOKEN = "a key for tests"
WITH_KEY = {"Authorization": f"Bearer {TOKEN}"}
RIGHTS: tuple[Right, ...] = get_args(Right)
ENTRY = f'[[keys]]\nname = "tests"\nsha256 = "{digest_of(TOKEN)}"\nrights = {list(RIGHTS)}\n'


def authentication(clock: Clock = system_clock) -> Authentication:
    """Knows that key alone."""
    key = Key(name="tests", sha256=digest_of(TOKEN), rights=frozenset(RIGHTS))
    return Authentication(KeyRing([key]), clock, CollectorRegistry())

"""Pseudonyms of subjects: HMAC-SHA-256 under a secret, as Law 91/2025/QH15 asks for. Pure.

No subject goes further than this module.
"""

import hmac

from shared.log.codec import ENTITY_BYTES


class Pseudonymiser:
    """Makes the pseudonym of a subject: HMAC-SHA-256 (RFC 2104) truncated to 16 bytes.

    The keyed state is prepared once and copied per subject.
    """

    __slots__ = ("_keyed", "fingerprint")

    def __init__(self, secret: bytes) -> None:
        self._keyed = hmac.new(secret, digestmod="sha256")
        self.fingerprint = self._digest(b"fingerprint of the pseudonym secret").hex()

    def __call__(self, subject: str) -> bytes:
        """The 16-byte pseudonym of `subject`."""
        return self._digest(subject.encode())

    def _digest(self, message: bytes) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(message)
        return keyed.digest()[:ENTITY_BYTES]

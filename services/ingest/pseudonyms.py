"""Pseudonyms of subjects and digests of ids, under a secret, as Law 91/2025/QH15 asks for. Pure.

No subject and no id, which may spell a subject, goes further than this module.
"""

import hashlib
import hmac

from shared.domain.identifiers import one_form
from shared.log.codec import DIGEST_BYTES, ENTITY_BYTES


class Pseudonymiser:
    """Makes the pseudonym of a subject: HMAC-SHA-256 (RFC 2104) truncated to 16 bytes; and the digest of an id.

    The keyed states are prepared once and copied per subject and id.
    """

    __slots__ = ("_keyed", "_keyed_for_ids", "fingerprint")

    def __init__(self, secret: bytes) -> None:
        self._keyed = hmac.new(secret, digestmod="sha256")
        key = hmac.digest(secret, b"digests of event ids", "sha256")
        self._keyed_for_ids = hashlib.blake2b(key=key, digest_size=DIGEST_BYTES)
        self.fingerprint = self._digest(b"fingerprint of the pseudonym secret").hex()

    def __call__(self, subject: str) -> bytes:
        """The 16-byte pseudonym of `subject`, the same for each of its spellings (`one_form`)."""
        return self._digest(one_form(subject).encode("utf-8", "surrogatepass"))

    def digest_of_id(self, event_id: str) -> bytes:
        """The 8-byte digest of an event's id: keyed BLAKE2b (RFC 7693). It breaks ties and names the event."""
        keyed = self._keyed_for_ids.copy()
        keyed.update(event_id.encode("utf-8", "surrogatepass"))
        return keyed.digest()

    def _digest(self, message: bytes) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(message)
        return keyed.digest()[:ENTITY_BYTES]

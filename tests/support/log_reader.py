"""What stands in the log, read back without any code of metrics."""

import json
from typing import Any

from faststream.redis.parser import BinaryMessageFormatV1
from redis import Redis

from services.ingest.pseudonyms import Pseudonymiser
from shared.log.codec import UnpackedEntry, unpack_entry
from shared.log.keys import DEADLETTERS, STREAMS
from tests.support.recount import SECRET

digest_of = Pseudonymiser(SECRET.encode()).digest_of_id
"""What the log holds for an event's id, in every system of the tests."""


def entries(valkey: str) -> dict[str, list[UnpackedEntry]]:
    """Stream key -> its unpacked entries in order, for every stream that has any."""
    result: dict[str, list[UnpackedEntry]] = {}
    with Redis.from_url(valkey) as redis:
        keys = sorted(key.decode() for stream in STREAMS for key in redis.scan_iter(f"{stream}:*", _type="stream"))
        for key in keys:
            rows: Any = redis.xrange(key)
            packed = [BinaryMessageFormatV1.parse(fields[b"__data__"])[0] for _, fields in rows]
            result[key] = [unpack_entry(body) for body in packed]
    return result


def events(valkey: str) -> dict[bytes, tuple[str, dict[str, str | bool], int]]:
    """Digest of the event's id -> type, kept data and instant in nanoseconds, of every event in the log."""
    return {
        digest: (shape.type, dict(shape.data), time)
        for packed in entries(valkey).values()
        for entry in packed
        for shape, _, time, _, digest, _ in entry.events()
    }


def dead_letters(valkey: str, count: int) -> list[dict[str, str]]:
    """The records of the last `count` dead letters, newest first."""
    with Redis.from_url(valkey) as redis:
        rows: Any = redis.xrevrange(DEADLETTERS, count=count)
    return [json.loads(BinaryMessageFormatV1.parse(fields[b"__data__"])[0]) for _, fields in rows]

"""The names of every key in Redis. The partition is the hash tag, so what commits together shares a slot."""

from typing import get_args

from shared.domain.catalogue import Role, Stream

STREAMS: tuple[Stream, ...] = get_args(Stream)
ROLES: tuple[Role, ...] = get_args(Role)

STORE = "pulse:store"
DEADLETTERS = "deadletters"
DEADLETTER_INDEX = "deadletters:index"
DEADLETTER_TIMES = "deadletters:times"
DEADLETTER_TOTALS = "deadletters:totals"
PROGRESS = "progress"
FLAGS = "flags"
MAX_PARTITIONS = 256


def stream_key(stream: str, partition: int) -> str:
    """The log: a Redis stream of packed entries."""
    return f"{stream}:{{{partition}}}"


def counts_key(stream: str, partition: int) -> str:
    """A hash of running counts, with the cursor they stand at: see services/metrics/partition_store.py."""
    return f"counts:{stream}:{{{partition}}}"


def states_key(kind: str, role: str, partition: int) -> str:
    """A hash: pseudonym -> the packed state of that entity."""
    return f"states:{kind}:{role}:{{{partition}}}"


def partition_of(entity: bytes, partitions: int) -> int:
    """The partition a pseudonym belongs to: its first two bytes modulo the number of partitions."""
    return (entity[0] << 8 | entity[1]) % partitions

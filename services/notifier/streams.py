"""The notifier's streams: `progress`, which it reads, and `flags`, which storing an evaluation writes to."""

from collections.abc import Callable, Sequence

from faststream.redis import BinaryMessageFormatV1, RedisBroker, StreamSub

from shared.contracts.streams import FlagChanged, ProgressChanged
from shared.log.keys import FLAGS, PROGRESS

FLAGS_LENGTH = 1000
"""Entries the `flags` stream holds, about: it says what changed, the evaluations hold the truth."""


def declare_streams(broker: RedisBroker, progress_changed: Callable[[ProgressChanged], None]) -> None:
    """Hand every entry of `progress` from now on to `progress_changed`, and describe `flags`.

    `flags` is published by the script that stores an evaluation (`lua/store.lua`), so that no crash can part the two.
    """

    @broker.subscriber(stream=StreamSub(PROGRESS, polling_interval=1000), title=PROGRESS)
    async def progress(changed: ProgressChanged) -> None:
        progress_changed(changed)

    broker.publisher(
        stream=FLAGS,
        title=FLAGS,
        description="Flags that an evaluation raised, changed or cleared, in the transaction that stores it.",
        schema=FlagChanged,
    )


async def encoded(changes: Sequence[FlagChanged]) -> list[bytes]:
    """Entries of the `flags` stream, as FastStream's subscribers read them."""
    return [
        await BinaryMessageFormatV1.encode(
            message=change.model_dump(mode="json"), reply_to=None, headers=None, correlation_id=_id(change)
        )
        for change in changes
    ]


def _id(change: FlagChanged) -> str:
    return f"{change.flag.key}:{change.change}:{change.day}"

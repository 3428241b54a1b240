"""FastStream's part: news of progress wake the notifier."""

from faststream.redis import RedisBroker, StreamSub

from services.notifier.mornings import Mornings
from shared.progress import ProgressNews
from shared.streams import PROGRESS


def subscribe(broker: RedisBroker, mornings: Mornings) -> None:
    """Wake `mornings` at every news of progress from now on: the figures themselves are read over HTTP, exactly."""

    @broker.subscriber(stream=StreamSub(PROGRESS, polling_interval=1000), title=PROGRESS)
    async def news(_: ProgressNews) -> None:
        mornings.wake()

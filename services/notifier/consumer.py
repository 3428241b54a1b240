"""FastStream's part: news of progress wake the notifier."""

from faststream.redis import RedisBroker, StreamSub

from services.notifier.scheduler import Scheduler
from shared.contracts.streams import ProgressChanged
from shared.log.keys import PROGRESS


def subscribe(broker: RedisBroker, mornings: Scheduler) -> None:
    """Wake `mornings` at every news of progress from now on: the figures themselves are read over HTTP, exactly."""

    @broker.subscriber(stream=StreamSub(PROGRESS, polling_interval=1000), title=PROGRESS)
    async def news(_: ProgressChanged) -> None:
        mornings.wake()

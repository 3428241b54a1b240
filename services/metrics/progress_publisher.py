"""Publishes progress to a Redis stream when figures changed, at most once a second; the notifier subscribes."""

import asyncio
import logging

from faststream.redis import RedisBroker
from redis.exceptions import RedisError

from services.metrics.projection import CounterProjection
from services.metrics.queries import Queries
from shared.contracts.metrics import ProgressNews
from shared.domain.catalogue import PROVINCE
from shared.log.keys import PROGRESS

log = logging.getLogger(__name__)

PAUSE = 1.0
KEPT = 1000
"""News kept in the stream: it tells that something changed, the truth is in the counts, so old news may go."""


class Announcer:
    """Watches the view's commits and tells of them."""

    def __init__(self, broker: RedisBroker, questions: Queries, view: CounterProjection) -> None:
        self._broker = broker
        self._questions = questions
        self._view = view

    async def run(self) -> None:
        """Announce every change within PAUSE seconds of it, for ever; while Redis is away nothing is told."""
        told = 0
        while True:
            await asyncio.sleep(PAUSE)
            if self._view.commits == told:
                continue
            told = self._view.commits
            try:
                progress = await self._questions.progress(None, PROVINCE)
                news = ProgressNews(as_of=progress.as_of, rows=progress.rows)
                await self._broker.publish(news, stream=PROGRESS, maxlen=KEPT)
            except (RedisError, OSError) as error:
                log.warning("could not announce progress", extra={"error": str(error)})
                told = -1

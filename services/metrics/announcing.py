"""Publishes progress to a Redis stream when figures changed, at most once a second; the notifier subscribes."""

import asyncio
import logging

from faststream.redis import RedisBroker
from redis.exceptions import RedisError

from services.metrics.questions import Questions
from services.metrics.view import CountsView
from shared.catalogue import PROVINCE
from shared.progress import ProgressNews
from shared.streams import PROGRESS

log = logging.getLogger(__name__)

PAUSE = 1.0
KEPT = 1000
"""News kept in the stream: it tells that something changed, the truth is in the counts, so old news may go."""


class Announcer:
    """Watches the view's commits and tells of them."""

    def __init__(self, broker: RedisBroker, questions: Questions, view: CountsView) -> None:
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

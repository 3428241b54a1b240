"""A counter of attempts by outcome, as the delivery loop wants one."""

from collections import Counter

from services.notifier.outbox.delivery import Outcome
from services.notifier.outbox.messages import Channel


class Outcomes(Counter[Outcome]):
    def attempted(self, channel: Channel, outcome: Outcome) -> None:
        self[outcome] += 1

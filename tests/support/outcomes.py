"""A counter of attempts by outcome, as the delivery loop wants one."""

from collections import Counter

from services.notifier.outbox.delivery import DeliveryOutcome
from services.notifier.outbox.messages import Channel


class Outcomes(Counter[DeliveryOutcome]):
    def attempted(self, channel: Channel, outcome: DeliveryOutcome) -> None:
        self[outcome] += 1

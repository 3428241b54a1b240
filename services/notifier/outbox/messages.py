"""What the notifier sends: a message for one channel, and the two ways an attempt can fail."""

from dataclasses import dataclass
from typing import Literal, Protocol

Channel = Literal["mail", "webhook", "alertmanager"]
MessageState = Literal["PENDING", "SENT", "DEAD"]


class TransientDeliveryError(Exception):
    """The attempt failed, a later one may not: a server that is away, busy, or set up wrongly."""


class PermanentDeliveryError(Exception):
    """The receiver rejected this message for good; sending the same bytes again would change nothing."""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to send, as a snapshot: `body` is what leaves, byte for byte, whenever it leaves.

    `key` is deterministic (`digest:phu-my:2023-07-21`) and names one message only. `to` is the mail
    address; it is empty for the other channels, whose addresses are settings.
    """

    key: str
    channel: Channel
    body: bytes
    to: str = ""


class ChannelSender(Protocol):
    """One attempt on one channel."""

    async def send(self, message: Message) -> str:
        """Send `message` and return the receiver's answer that accepts it.

        Raises:
            TransientDeliveryError: try again later.
            PermanentDeliveryError: never try these bytes again.
        """

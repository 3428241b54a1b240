"""The streams ingest writes, for its AsyncAPI document."""

from shared.asyncapi import LOGS, Channel, describe
from shared.streams import DEADLETTERS

LETTERS = {DEADLETTERS: Channel("Events that were rejected: code, detail, and the event without its subject.", dict)}

ASYNCAPI = describe("Pulse5299 ingest", writes=LOGS | LETTERS, reads={})

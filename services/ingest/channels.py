"""The streams ingest writes, for its AsyncAPI document."""

from shared.http.asyncapi import LOGS, Channel, describe
from shared.log.keys import DEADLETTERS

LETTERS = {DEADLETTERS: Channel("Events that were rejected: code, detail, and the event without its subject.", dict)}

ASYNCAPI = describe("Pulse5299 ingest", writes=LOGS | LETTERS, reads={})

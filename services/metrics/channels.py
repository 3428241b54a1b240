"""The streams metrics reads and writes, for its AsyncAPI document."""

from shared.http.asyncapi import LOGS, NEWS, describe

ASYNCAPI = describe("Pulse5299 metrics", writes=NEWS, reads=LOGS)

"""The stream the notifier reads, for its AsyncAPI document."""

from shared.http.asyncapi import NEWS, describe

ASYNCAPI = describe("Pulse5299 notifier", writes={}, reads=NEWS)

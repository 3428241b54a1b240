"""A store that release 0.1 wrote, its log in entries of format 1, is counted as the recount has it, and goes on."""

import base64
import json
from pathlib import Path
from typing import Any

from redis import Redis

from tests.support.load import Upstream, assert_exact
from tests.support.processes import System
from tests.support.recount import Event

STORE = Path(__file__).parents[1] / "data" / "release-0.1" / "store.json"


def restore(redis: Redis) -> list[Event]:
    """Write every key of the stored release; the events it had acknowledged."""
    stored = json.loads(STORE.read_text(encoding="utf-8"))
    for name, value in stored["keys"].items():
        match value:
            case {"stream": entries}:
                for entry_id, fields in entries:
                    redis.xadd(name, _decoded(fields), id=entry_id)
            case {"hash": fields}:
                redis.hset(name, mapping=_decoded(fields))
            case {"string": text}:
                redis.set(name, base64.b64decode(text))
    events: list[Event] = stored["events"]
    return events


def _decoded(fields: dict[str, str]) -> dict[Any, Any]:
    return {base64.b64decode(name): base64.b64decode(value) for name, value in fields.items()}


def test_a_store_of_the_first_release_is_counted_by_the_order_of_statements(tmp_path: Path) -> None:
    """Twelve of its accounts were closed at the very instant they were opened: by the ids then, none is open now."""
    with System(tmp_path) as system:
        system.valkey.start()
        with system.valkey.client() as redis:
            acknowledged = restore(redis)
        system.ingest.start()
        system.metrics.start()
        assert_exact(system.metrics, acknowledged)
        upstream = Upstream(system.ingest, seed=1, subjects=25)
        upstream.send(acknowledged[:100])
        upstream.send(upstream.batch(100))
        assert_exact(system.metrics, [*acknowledged, *upstream.acknowledged])
        with system.valkey.client() as redis:
            assert redis.xlen("deadletters") == 1

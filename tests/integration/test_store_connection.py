"""The connection to Redis: what breaks it is an error of Redis, under the event loop the services run on."""

from typing import Any
from urllib.parse import urlsplit

import pytest
import uvloop

from shared.runtime.settings import StoreSettings
from shared.runtime.store import REDIS_UNAVAILABLE, connect


def test_a_connection_closed_under_a_command_is_redis_unavailable(valkey_server: str) -> None:
    async def send_on_a_closed_transport() -> None:
        async with connect(StoreSettings(redis_port=urlsplit(valkey_server).port or 0)) as redis:
            pool: Any = redis.connection_pool
            connection = await pool.get_connection()
            connection._writer.transport.abort()
            await redis.ping()  # the loop closes the transport meanwhile
            with pytest.raises(REDIS_UNAVAILABLE):
                await connection.send_command("PING")
            await pool.release(connection)
            assert await redis.ping()

    uvloop.run(send_on_a_closed_transport())

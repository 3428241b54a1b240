"""One leader among several notifiers, on a real Valkey."""

import asyncio
import datetime as dt

from redis.asyncio import Redis

from services.notifier.scheduler import Lease
from tests.support.waiting import eventually

WRITE_IF_IN_OFFICE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1
"""


async def test_one_of_many_leads_and_keeps_its_term(valkey: Redis) -> None:
    candidates = [Lease(valkey, "flags") for _ in range(10)]
    terms = await asyncio.gather(*(candidate.lead() for candidate in candidates))
    assert sorted(terms, key=lambda term: term or 0) == [None] * 9 + [1]
    leader = candidates[next(i for i, term in enumerate(terms) if term)]
    assert await leader.lead() == 1


async def test_the_next_leader_has_a_higher_term(valkey: Redis) -> None:
    first, second = Lease(valkey, "flags"), Lease(valkey, "flags")
    assert await first.lead() == 1
    await second.resign()
    assert await second.lead() is None
    await first.resign()
    assert await second.lead() == 2


async def test_a_leader_that_slept_through_its_lease_is_fenced_off(valkey: Redis) -> None:
    sleeper = Lease(valkey, "flags", dt.timedelta(milliseconds=20))
    other = Lease(valkey, "flags")
    old = await sleeper.lead()

    async def elected() -> bool:
        return await other.lead() is not None

    await eventually(elected)
    new = await other.lead()
    write = valkey.register_script(WRITE_IF_IN_OFFICE)
    keys = [sleeper.fence_key, "{flags}:day"]
    assert old is not None
    assert new is not None
    assert await write(keys=keys, args=[new, "new"]) == 1
    assert await write(keys=keys, args=[old, "old"]) == 0
    assert await valkey.get("{flags}:day") == b"new"

"""The dead letter stream on a real Valkey: equal letters are one with a count, bounds hold, and totals agree."""

from typing import Any

from redis.asyncio import Redis

from services.ingest import dead_letter_stream
from services.ingest.dead_letter_queue import DeadLetterQueue
from services.ingest.dead_letter_stream import KEYS, DeadLetterLimits, Totals
from services.ingest.dead_letters import DeadLetter, DeadLetterRecord
from shared.log.keys import DEADLETTERS

AMPLE = DeadLetterLimits(1000, 1_000_000, 90)


def record(number: int, **changes: str) -> DeadLetterRecord:
    made: Any = {"code": "unknown_unit", "detail": "", "event": f'{{"id": "{number}"}}', "received": "", "key": "a"}
    made |= changes
    return made  # type: ignore[no-any-return]


async def add(valkey: Redis, limits: DeadLetterLimits, *records: DeadLetterRecord) -> int:
    command = await limits.adding(list(records), "1")
    return int(await valkey.execute_command(*command))  # type: ignore[no-untyped-call]


async def listed(valkey: Redis) -> list[DeadLetter]:
    return [each async for page in DeadLetterQueue(valkey).pages() for each in page]


async def test_equal_rejections_count_up_one_letter(valkey: Redis) -> None:
    await add(valkey, AMPLE, record(1), record(2), record(1, received="later"))
    await add(valkey, AMPLE, record(1), record(1, key="b"), record(1, code="unknown_type"))
    letters = await listed(valkey)
    assert [(each.content["id"], each.key, each.code, each.times) for each in letters] == [
        ("1", "a", "unknown_unit", 3),
        ("2", "a", "unknown_unit", 1),
        ("1", "b", "unknown_unit", 1),
        ("1", "a", "unknown_type", 1),
    ]
    assert await DeadLetterQueue(valkey).remove(letters[:1]) == 1
    assert await DeadLetterQueue(valkey).remove(letters[:1]) == 0
    await add(valkey, AMPLE, record(1))
    assert [each.times for each in await listed(valkey)] == [1, 1, 1, 1]


async def test_the_oldest_are_dropped_first_and_counted(valkey: Redis) -> None:
    assert await add(valkey, DeadLetterLimits(3, 10_000, 90), *map(record, range(5))) == 2
    assert [each.content["id"] for each in await listed(valkey)] == ["2", "3", "4"]
    each_bytes = (await dead_letter_stream.totals(valkey)).bytes // 3
    assert await add(valkey, DeadLetterLimits(99, 2 * each_bytes, 90), record(5)) == 2
    assert await dead_letter_stream.totals(valkey) == Totals(2, 2 * each_bytes, 4)
    assert await add(valkey, AMPLE, record(0)) == 0  # it was dropped, so it is a letter again
    assert [each.content["id"] for each in await listed(valkey)] == ["4", "5", "0"]


async def test_one_larger_than_all_that_may_be_kept_is_dropped_itself(valkey: Redis) -> None:
    assert await add(valkey, DeadLetterLimits(9, 10, 90), record(1)) == 1
    assert await dead_letter_stream.totals(valkey) == Totals(0, 0, 1)


async def test_what_is_too_old_goes_without_any_new_letter(valkey: Redis) -> None:
    seconds, _ = await valkey.time()
    await valkey.xadd(DEADLETTERS, {"code": "x", "event": "null"}, id=f"{(seconds - 86_400 * 91) * 1000}-1")
    await add(valkey, AMPLE._replace(days=92), record(1))
    assert len(await listed(valkey)) == 2
    assert await AMPLE.enforce(valkey) == 1
    assert [each.content for each in await listed(valkey)] == [{"id": "1"}]


async def test_nothing_is_left_behind_of_what_is_removed(valkey: Redis) -> None:
    await add(valkey, AMPLE, *map(record, range(120)))
    queue = DeadLetterQueue(valkey)
    assert sum([await queue.remove(page) async for page in queue.pages()]) == 120
    assert await dead_letter_stream.totals(valkey) == Totals(0, 0, 0)
    assert await valkey.exists(*KEYS[:3]) in {0, 1}  # an empty stream stays

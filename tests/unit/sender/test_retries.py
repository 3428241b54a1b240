"""When and how long we wait before we ask again; time is a number the test moves."""

import datetime as dt
import random
from collections.abc import Callable

import httpx
import pytest

from services.sender.retries import Backoff, Retrier, RetriesExhaustedError, SendError
from tests.support.clock import FakeClock

START = dt.datetime(2023, 7, 1, tzinfo=dt.UTC)


class Time(FakeClock):
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        super().__init__(START)
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(dt.timedelta(seconds=seconds))

    def monotonic(self) -> float:
        return sum(self.slept)


def retrier(time: Time, answer: Callable[[httpx.Request], httpx.Response], backoff: Backoff | None = None) -> Retrier:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return Retrier(
        client, backoff or Backoff(), sleep=time.sleep, clock=time, monotonic=time.monotonic, rng=random.Random(1)
    )


def failing(times: int, response: httpx.Response) -> Callable[[httpx.Request], httpx.Response]:
    left = [response] * times
    return lambda _: left.pop() if left else httpx.Response(202)


async def test_waits_grow_with_jitter_up_to_the_cap() -> None:
    time = Time()
    asking = retrier(time, failing(8, httpx.Response(503)), Backoff(first=1, cap=10))
    assert (await asking.request("POST", "http://ingest/v1/events")).status_code == 202
    for slept, full in zip(time.slept, [1, 2, 4, 8, 10, 10, 10, 10], strict=True):
        assert full / 2 <= slept <= full
    assert len(set(time.slept[-4:])) == 4, "every client would come back at once"


async def test_a_clock_that_is_set_back_stretches_no_patience() -> None:
    time = Time()

    def set_back(_: httpx.Request) -> httpx.Response:
        time.advance(dt.timedelta(minutes=-1))
        return httpx.Response(503)

    with pytest.raises(RetriesExhaustedError):
        await retrier(time, set_back, Backoff(patience=10)).request("GET", "http://ingest/")
    assert sum(time.slept) <= 10


@pytest.mark.parametrize("value", ["7", "Sat, 01 Jul 2023 00:00:07 GMT"])
@pytest.mark.parametrize("status", [429, 503])
async def test_never_sooner_than_the_server_asks(status: int, value: str) -> None:
    time = Time()
    busy = httpx.Response(status, headers={"Retry-After": value})
    await retrier(time, failing(1, busy)).request("GET", "http://ingest/")
    assert 7 < time.slept[0] <= 7.25


@pytest.mark.parametrize("value", ["soon", "", "-3", "Sat, 01 Jul 2022 00:00:00 GMT"])
async def test_a_retry_after_that_says_nothing_is_passed_over(value: str) -> None:
    time = Time()
    busy = httpx.Response(503, headers={"Retry-After": value})
    await retrier(time, failing(1, busy)).request("GET", "http://ingest/")
    assert time.slept[0] <= 0.25


async def test_patience_ends_and_says_why() -> None:
    time = Time()
    full = httpx.Response(503, json={"title": "Service Unavailable", "detail": "the store is full"})
    with pytest.raises(RetriesExhaustedError, match=r"answers 503: the store is full; gave up after \d+ attempts"):
        await retrier(time, failing(1000, full), Backoff(patience=60)).request("GET", "http://ingest/")
    assert 30 < sum(time.slept) <= 60


async def test_a_lost_connection_is_tried_again() -> None:
    time = Time()
    lost = [httpx.ReadError("reset"), httpx.ConnectError("refused"), httpx.ReadTimeout("slow")]

    def answer(_: httpx.Request) -> httpx.Response:
        if lost:
            raise lost.pop()
        return httpx.Response(202)

    assert (await retrier(time, answer).request("GET", "http://ingest/")).status_code == 202
    assert len(time.slept) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 415])
async def test_a_final_answer_is_not_asked_for_twice(status: int) -> None:
    time = Time()
    response = await retrier(time, failing(1, httpx.Response(status))).request("GET", "http://ingest/")
    assert response.status_code == status
    assert time.slept == []


async def test_an_address_that_is_none_is_said_at_once() -> None:
    time = Time()
    async with httpx.AsyncClient() as client:
        asking = Retrier(client, Backoff(), sleep=time.sleep, clock=time)
        with pytest.raises(SendError, match="is not an http:// or https:// address"):
            await asking.request("GET", "ingest:8001/v1/events")
    assert time.slept == []

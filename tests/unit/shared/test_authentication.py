"""Keys of requests: rights, end, origin; failed tries are counted and logged, and no key ever is."""

import asyncio
import datetime as dt
import logging

import httpx
import pytest
from fastapi import Depends
from prometheus_client import CollectorRegistry

from shared.http.application import make_app
from shared.http.authentication import REASONS, Authentication
from shared.http.keys import Key, KeyRing, digest_of
from tests.support.clock import FakeClock

NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
LAN = Key(name="lan", sha256=digest_of("lan's key"), rights=frozenset({"months"}), expires=NOW + dt.timedelta(days=1))
SENDER = Key(name="sender", sha256=digest_of("a sender's key"))


class Asked:
    """An application that asks for the right `months`, its failures, and a monotonic clock."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.seconds = 0.0
        self.clock = FakeClock(NOW)
        authentication = Authentication(KeyRing([LAN, SENDER]), self.clock, self.registry, lambda: self.seconds)
        self.app = make_app("tests", "An application.", host_names={"office.example.vn", "127.0.0.1", "[::1]"})

        @self.app.post("/close")
        async def close(key: Key = Depends(authentication.may("months"))) -> str:  # noqa: B008
            return key.name

        @self.app.get("/livez")
        async def livez() -> str:
            return "alive"

    def post(self, path: str = "/close", host: str = "office.example.vn", **headers: str) -> httpx.Response:
        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
                method = "GET" if path == "/livez" else "POST"
                return await client.request(method, path, headers=headers)

        return asyncio.run(answer())

    def failures(self, reason: str) -> float | None:
        return self.registry.get_sample_value("pulse_authentication_failures_total", {"reason": reason})


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_who_does_it_is_the_name_of_the_key(asked: Asked) -> None:
    answer = asked.post(Authorization="Bearer lan's key")
    assert (answer.status_code, answer.json()) == (200, "lan")
    assert all(asked.failures(reason) == 0 for reason in REASONS)


@pytest.mark.parametrize(
    ("authorization", "status", "reason"),
    [
        (None, 401, "missing"),
        ("Bearer", 401, "missing"),
        ("Basic lan's key", 401, "missing"),
        ("Bearer Lan's key", 401, "unknown"),
        (f"Bearer {LAN.sha256}", 401, "unknown"),
        ("Bearer a sender's key", 403, "right"),
    ],
)
def test_everybody_else_is_refused_counted_and_logged(
    asked: Asked, caplog: pytest.LogCaptureFixture, authorization: str | None, status: int, reason: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    with caplog.at_level(logging.WARNING):
        answer = asked.post(**headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert asked.failures(reason) == 1
    (record,) = caplog.records
    assert (vars(record)["reason"], vars(record)["path"]) == (reason, "/close")
    assert vars(record)["key"] == ("sender" if reason == "right" else None)
    assert "key" not in str({name: value for name, value in vars(record).items() if name in ("msg", "client", "path")})


def test_a_key_ends_at_its_moment(asked: Asked) -> None:
    asked.clock.now = NOW + dt.timedelta(days=1)
    answer = asked.post(Authorization="Bearer lan's key")
    assert (answer.status_code, asked.failures("expired")) == (401, 1)
    assert "'lan' ended on 2026-12-02" in answer.json()["detail"]


def test_a_page_of_another_host_is_refused_even_with_a_key(asked: Asked) -> None:
    own = asked.post(Authorization="Bearer lan's key", Origin="https://office.example.vn")
    foreign = [
        asked.post(Authorization="Bearer lan's key", Origin=origin) for origin in ("https://evil.example", "null")
    ]
    assert [own.status_code, *(answer.status_code for answer in foreign)] == [200, 403, 403]
    assert asked.failures("origin") == 2


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("office.example.vn:8002", 200),
        ("OFFICE.example.vn", 200),
        ("127.0.0.1:8002", 200),
        ("[::1]:8002", 200),
        ("evil.example", 421),
        ("office.example.vn.evil.example", 421),
    ],
)
def test_the_service_answers_to_its_own_names_alone(asked: Asked, host: str, status: int) -> None:
    answer = asked.post(host=host, Authorization="Bearer lan's key")
    assert answer.status_code == status
    assert status == 200 or "PULSE_ALLOWED_HOSTS" in answer.json()["detail"]
    assert asked.post("/livez", host=host).status_code == 200


def test_guesses_fill_no_log(asked: Asked, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(10):
            asked.post(Authorization="Bearer guess")
        asked.seconds = 1.0
        asked.post(Authorization="Bearer guess")
    assert [vars(record)["tries"] for record in caplog.records] == [1, 10]
    assert asked.failures("unknown") == 11

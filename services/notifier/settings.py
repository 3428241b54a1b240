"""Every setting of the notifier."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.domain.formatting import one_line
from shared.runtime.settings import ROOT, GuardedSettings, HttpUrl

Contact = Annotated[str, AfterValidator(one_line), Field(min_length=1, max_length=200)]
"""One line of text, as it ends every mail."""


class NotifierSettings(GuardedSettings):
    notifier_port: int = Field(8003, ge=1, le=65535, description="Port of the notifier's API.")
    metrics_url: HttpUrl = Field("http://127.0.0.1:8002", description="Where the metrics service answers.")
    board_url: HttpUrl = Field("http://127.0.0.1:8000", description="The board's address as leaders can open it.")
    calendar: Path = Field(ROOT / "deploy" / "calendar" / "holidays.toml", description="The holidays file.")
    smtp_host: str | None = Field(None, description="Mail server; without one no digests are sent.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["none", "starttls", "tls"] = Field("starttls", description="How the connection is secured.")
    smtp_username: str | None = Field(None, description="Account on the mail server, if it needs one.")
    smtp_password_file: Path | None = Field(None, description="File with the account's password.")
    smtp_ca_file: Path | None = Field(None, description="Certificates to trust beside the system's.")
    mail_from: str = Field("pulse5299@dean5299.example.vn", description="Sender of digests.")
    mail_reply_to: str | None = Field(None, description="Where answers to digests go; none asks not to reply.")
    mail_contact: Contact | None = Field(
        None, description="Whom readers ask, at the end of every digest: name, telephone or address, in one line."
    )
    mail_bounces: str | None = Field(None, description="Where undeliverable digests return to; the sender by default.")
    mail_domain: str = Field("dean5299.example.vn", description="Right side of Message-IDs.")
    mail_helo: str | None = Field(None, description="Name given in EHLO; the mail domain by default.")
    mail_office: str = Field("vanphong@dean5299.example.vn", description="Who gets the overview.")
    mail_attempts: int = Field(24, ge=1, description="Attempts until a message becomes a dead message.")
    webhook_url: HttpUrl | None = Field(None, description="Where flags are posted, if anywhere.")
    webhook_secret_file: Path | None = Field(None, description="Secret the posts are signed with.")
    alertmanager_url: HttpUrl | None = Field(None, description="Alertmanager that flags are posted to, if any.")

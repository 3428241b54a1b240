"""Every setting of the ingest service."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from shared.runtime.settings import StoreSettings


class IngestSettings(StoreSettings):
    ingest_port: int = Field(8001, ge=1, le=65535, description="Port of the ingest API.")
    keys_file: Path = Field(description="TOML file with the digests of the bearer keys and what each may send.")
    pseudonym_secret_file: Path = Field(description="File with the secret that pseudonyms are made under.")
    max_batch_events: int = Field(1000, ge=1, description="Events a batch may hold; more is 413.")
    max_body_bytes: int = Field(1024 * 1024, ge=1, description="Bytes a request may hold; more is 413.")
    max_in_flight: int = Field(256, ge=1, description="Requests handled at once; one more is answered 429.")
    max_bytes_in_flight: int = Field(
        16 * 1024 * 1024, ge=1, description="Bytes of bodies handled at once; a body beyond waits to be read."
    )
    webhook_origins: str | None = Field(
        None, description="Senders that OPTIONS tells they may send (CloudEvents web hooks), by spaces; `*` for all."
    )
    max_dead_letters: int = Field(100_000, ge=1, description="Dead letters kept; the oldest are dropped first.")
    max_dead_letter_bytes: int = Field(
        64 * 1024 * 1024, ge=1, description="Bytes of dead letters kept; the oldest are dropped first."
    )
    dead_letter_days: int = Field(90, ge=1, description="Days a dead letter is kept.")
    durability: Literal["local", "replica"] = Field(
        "local", description="`local`: the server's append-only file; `replica`: also a checked WAIT 1."
    )
    replica_timeout: float = Field(1.0, gt=0, description="Seconds a replica has to confirm a write.")
    otlp_endpoint: str | None = Field(
        None, description="OTLP/HTTP address that traces are sent to; needs the extra `telemetry`."
    )

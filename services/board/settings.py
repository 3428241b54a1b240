"""Every setting of the board."""

from pydantic import Field

from shared.runtime.settings import StoreSettings


class BoardSettings(StoreSettings):
    board_port: int = Field(8000, ge=1, le=65535, description="Port of the board.")
    metrics_url: str = Field(
        "http://127.0.0.1:8002", pattern=r"^https?://\S+$", description="Where the metrics service answers."
    )
    notifier_url: str = Field(
        "http://127.0.0.1:8003", pattern=r"^https?://\S+$", description="Where the notifier answers, for flags."
    )

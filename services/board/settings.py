"""Every setting of the board."""

from pydantic import Field

from shared.runtime.settings import HttpUrl, StoreSettings


class BoardSettings(StoreSettings):
    board_port: int = Field(8000, ge=1, le=65535, description="Port of the board.")
    metrics_url: HttpUrl = Field("http://127.0.0.1:8002", description="Where the metrics service answers.")
    notifier_url: HttpUrl = Field("http://127.0.0.1:8003", description="Where the notifier answers, for flags.")

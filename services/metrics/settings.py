"""Every setting of the metrics service."""

from pydantic import Field

from shared.domain.months import Cutoff
from shared.runtime.settings import GuardedSettings


class MetricsSettings(GuardedSettings):
    metrics_port: int = Field(8002, ge=1, le=65535, description="Port of the read API.")
    stuck_after: float = Field(15.0, gt=0, description="Seconds of work without progress until not ready.")
    cutoff: Cutoff = Field("calendar", description="Days a month covers: `calendar`, or `mid-month` (15th to 14th).")
    grace_days: int = Field(5, ge=0, description="Days after a month's end in which it is closed only provisionally.")
    otlp_endpoint: str | None = Field(
        None, description="OTLP/HTTP address that traces are sent to; needs the extra `telemetry`."
    )

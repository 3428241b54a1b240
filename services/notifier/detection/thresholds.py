"""Every number of the method in one place; docs/decisions/0010-detection.md says where each comes from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of the detector. Lengths are calendar days, `effective` ones weighted working days."""

    windows: tuple[int, ...] = (10, 14, 21, 30)
    main_window: int = 21
    base_days: int = 140
    least_base_days: int = 30
    previous_days: int = 30
    campaign_days: int = 5

    least_expected: float = 10.0
    level: float = 0.025
    discovery_rate: float = 0.70

    province_units: int = 6
    province_change: float = 1.25

    gate_effective_days: float = 8.0
    month_lag: float = 0.75
    month_surge: float = 1.40
    window_lag: float = 0.70
    window_surge: float = 1.50

    runs_to_raise: int = 2
    runs_to_clear: int = 3
    clear_from: float = 0.85
    clear_to: float = 1.20
    dilution: float = 0.01


THRESHOLDS = Thresholds()

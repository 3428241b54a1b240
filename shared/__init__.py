"""What every service speaks: the catalogue, the event log, settings, time and rounding."""

"""Keeps exact counters per unit and measure from the event log, and serves them."""

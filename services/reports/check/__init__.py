"""Checks the figures of a notice against a snapshot."""

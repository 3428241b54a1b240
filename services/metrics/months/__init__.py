"""Closes months: an immutable snapshot of every figure, and what later events change about it."""

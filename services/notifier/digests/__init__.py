"""Digests and the overview: what they say, and how they are written."""

"""Digests and the overview: what they contain, and how they are rendered."""

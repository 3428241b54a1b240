"""Flags units that lag or surge, writes to their leaders, closes months and writes the notice."""

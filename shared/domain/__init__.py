"""Catalogue, calendar, months, figures: rules without I/O."""

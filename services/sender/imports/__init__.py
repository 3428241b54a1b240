"""Spreadsheets that units keep, as events: read, understood, shown, and sent."""

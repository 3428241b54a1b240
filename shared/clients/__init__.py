"""One HTTP client per service."""

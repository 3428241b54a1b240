"""Problem details and what every HTTP API has."""

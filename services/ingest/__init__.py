"""Takes CloudEvents over HTTP, admits or rejects each, and publishes the admitted ones durably."""

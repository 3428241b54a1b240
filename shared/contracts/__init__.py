"""The models that services exchange over HTTP and streams."""

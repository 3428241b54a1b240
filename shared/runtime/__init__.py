"""Settings, Redis, server, logs and tracing of a process."""

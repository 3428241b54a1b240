"""The console script `pulse5299`, one module a command."""

"""What an upstream system runs: it makes CloudEvents and sends them over HTTP."""

"""The three services, the one-machine launcher and the console script."""

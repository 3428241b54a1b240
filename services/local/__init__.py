"""The one-machine launcher: `pulse5299 run` brings the whole system up, shows what it knows, and takes it down."""

"""The notifier's Lua scripts, one file each."""

from pathlib import Path

HERE = Path(__file__).parent


def source(name: str) -> str:
    """The text of the script `name`."""
    return (HERE / f"{name}.lua").read_text(encoding="utf-8")

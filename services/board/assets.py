"""The style sheet and the script, each under a name that changes with its content."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    content: bytes
    media_type: str


class Assets:
    """Every file of the static folder, in memory."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._by_name: dict[str, Asset] = {}
        self._names: dict[str, str] = {}
        for file in sorted(folder.iterdir()):
            content = file.read_bytes()
            name = f"{file.stem}.{hashlib.sha256(content).hexdigest()[:12]}{file.suffix}"
            self._by_name[name] = Asset(content, TYPES[file.suffix])
            self._names[file.name] = name

    def url(self, file: str) -> str:
        """The address of `file` as it is now, good for ever."""
        return f"/assets/{self._names[file]}"

    def find(self, name: str) -> Asset | None:
        return self._by_name.get(name)

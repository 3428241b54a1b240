"""Rendering: pages as HTML, the files they load, and headers that let nothing but this server into them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.board.pages.frame import Frame
from shared.domain.formatting import Lang

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Language",
}

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


class PageRenderer:
    """Renders the templates; everything in them is escaped but what a template marks as markup."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def html(self, name: str, frame: Frame, **content: object) -> str:
        """The page `name` around `content`."""
        template = self._environment.get_template(f"{name}.html")
        return template.render(page=name, frame=frame, translate=frame.translate, asset=self._assets.url, **content)


def at_version(html: str, version: str | None) -> str:
    """`html` with what the figures stand at; it is not rendered, since a page may be the same at several versions."""
    return html.replace('data-version=""', f'data-version="{version}"', 1)


def answer(html: str, lang: Lang, status: int = 200) -> HTMLResponse:
    """A page under the policy."""
    return HTMLResponse(html, status, HEADERS | {"Content-Language": lang})

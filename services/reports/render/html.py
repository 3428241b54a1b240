"""The notice as one HTML page that needs nothing else and prints on A4."""

from pathlib import Path

import jinja2

from services.reports.statements.compose import Notice

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def render_html(notice: Notice) -> str:
    """The page; every figure is a `<data>` element with its value and its snapshot cells."""
    return _TEMPLATES.get_template("notice.html.j2").render(notice=notice, head=notice.letterhead)

"""A whole document of HTML, which loads nothing and runs nothing."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from ea_widgets.reporting.markup import Markup, element, join
from ea_widgets.reporting.style import STYLE

if TYPE_CHECKING:
    from collections.abc import Sequence

# Whatever the data hold, the page loads nothing and runs nothing.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def document(title: str, sections: Sequence[Markup | None]) -> str:
    """Make a whole document of sections."""
    body = element(
        "main",
        element("h1", title),
        *sections,
        element("footer", f"Made with ea_widgets {version('ea_widgets')}."),
    )
    head = element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        element("title", title),
        element("style", Markup(STYLE)),
    )
    return join(
        Markup("<!DOCTYPE html>\n"), element("html", head, element("body", body), lang="en")
    )

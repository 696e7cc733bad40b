"""Names of lines within a chart: off the page, whose legend stands below, but in saved files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.widgets.base import send, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bqplot import Lines

LONGEST = 30

LOOKS = {
    "legend_style": {"fill": "#ffffff", "opacity": "0.6", "stroke": "none"},
    "legend_text": {"font-size": "11px"},
}
"""Options of the figure; the style sheet hides its legend on the page."""


def name_lines(lines: Sequence[Lines], names: Sequence[str]) -> None:
    """Name the first lines of a pool, after their points are set: bqplot names none without.

    Parameters
    ----------
    lines : sequence of Lines
        The pool.
    names : sequence of str
        At most as many; plain text, and long ones are shortened.
    """
    for index, line in enumerate(lines):
        known = index < len(names)
        labels = [text.elide(names[index], LONGEST)] if known else []
        send(line, labels=labels, display_legend=known)

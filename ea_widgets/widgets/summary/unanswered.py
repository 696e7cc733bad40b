"""What a summary cannot answer: folded, with why, and what to do."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ipywidgets import HTML, VBox

from ea_widgets.widgets import wording
from ea_widgets.widgets.base import FoldedWidget, send

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ea_widgets.summary.summary import Summary

PARTS = (
    ("Sentences under the curves", "sentences"),
    ("Filters: only where ...", "where"),
    ("What-if rules, a best confidence for a range", "what_if"),
    ("Operating points", "operating_points"),
    ("Why predictions are wrong", "reasons"),
    ("Which classes are taken for which", "confusion"),
    ("Each image alone", "per_image"),
    ("Likely label errors", "label_errors"),
    (wording.RECALL_BY_FALSE_POSITIVES, "froc"),
    ("Importance beyond another metric", "given"),
)
"""Parts of the page on an evaluation, and the question that each asks."""


RARE = "Curves and importance of some rare classes"

RARE_REASON = (
    "The {:,} classes with the fewest objects are counted by metric together only: choose all of "
    "them, or none. Scores of each are exact."
)


class Unanswered(FoldedWidget):
    """The parts of a page that what is shown cannot answer, in a line each.

    Parameters
    ----------
    evaluation : Summary
        What is shown. Can be assigned later.
    **choices : object
        Initial value of ``opened``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    title = wording.UNANSWERED

    def _build_content(self) -> VBox:
        self._lines = HTML()
        return VBox([self._lines])

    def _draw_content(self) -> None:
        if self._memo.changed("lines", self.evaluation):
            send(self._lines, value=lines_html(unanswered(self.evaluation)))


def unanswered(summary: Summary) -> list[tuple[str, str]]:
    """List the parts of the page that cannot be shown.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    list of (str, str)
        What it is, and why not and what to do, in plain text.
    """
    asked = ((words, summary.cannot(question)) for words, question in PARTS)
    found = [(words, why) for words, why in asked if why is not None]
    if summary.rare_classes:
        found.append((RARE, RARE_REASON.format(len(summary.rare_classes))))
    return found


def lines_html(lines: Iterable[tuple[str, str]]) -> str:
    """Write what cannot be shown as a list; parts with one reason share a line."""
    parts: dict[str, list[str]] = {}
    for words, why in lines:
        parts.setdefault(why, []).append(words)
    items = (
        f"<li><b>{escape('; '.join(words))}</b><br>{escape(why)}</li>"
        for why, words in parts.items()
    )
    return f'<ul class="eaw-notes">{"".join(items)}</ul>'

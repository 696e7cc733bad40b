"""The page of a view: its sections in their order, errors first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.reporting.comparison import slice_section
from ea_widgets.reporting.document import document
from ea_widgets.reporting.findings import finding_section, mistake_section
from ea_widgets.reporting.properties import curve_section, importance_section
from ea_widgets.reporting.sections import class_section, data_section, score_section, word_section
from ea_widgets.reporting.shots import Shots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ea_widgets.analysis.view import View
    from ea_widgets.analysis.vocabulary import Condition


def write_page(view: View, title: str, slices: Mapping[str, Condition]) -> str:
    """Put the page together.

    Parameters
    ----------
    view : View
    title : str
    slices : mapping of str to Condition

    Returns
    -------
    str
        A whole document.
    """
    scores = view.scores()
    rankings = {
        outcome: view.importance(outcome, settled=True) for outcome in ("true_positive", "missed")
    }
    shots = Shots(view.dataset)
    return document(
        title,
        [
            data_section(view),
            score_section(view, scores),
            finding_section(view, shots) if len(view.metrics) else None,
            importance_section(rankings),
            curve_section(view, rankings),
            slice_section(view, slices) if slices else None,
            class_section(scores),
            mistake_section(view, shots),
            word_section(view.dataset.notes, view.dataset.problems),
        ],
    )

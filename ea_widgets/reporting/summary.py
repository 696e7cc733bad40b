"""The page of a summary, or of several: what counts can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ea_widgets.analysis.actions import why_no_range
from ea_widgets.reporting import wording
from ea_widgets.reporting.comparison import class_section as compared_classes
from ea_widgets.reporting.comparison import curve_sections, score_table
from ea_widgets.reporting.markup import element, join, unbroken
from ea_widgets.reporting.properties import curve_section, importance_section
from ea_widgets.reporting.sections import class_section, score_section, word_section
from ea_widgets.summary.comparison import SummaryComparison
from ea_widgets.summary.summary import Summary

if TYPE_CHECKING:
    from ea_widgets.reporting.markup import Markup
    from ea_widgets.summary.comparison import SummaryComparisonView
    from ea_widgets.summary.summary_view import SummaryView

__all__ = ["Summary", "SummaryComparison", "sections_of"]

CHARTS = 4

RANGES = 4


def sections_of(
    summaries: Summary | SummaryComparison, iou_threshold: float, *query: Any
) -> list[Markup]:
    """Put a page together; the further arguments are those of :meth:`Summary.at`."""
    if isinstance(summaries, SummaryComparison):
        return compared_sections(summaries, summaries.at(iou_threshold, *query))
    return summary_sections(summaries, summaries.at(iou_threshold, *query))


def summary_sections(summary: Summary, view: SummaryView) -> list[Markup]:
    """Put the page of a summary together.

    Parameters
    ----------
    summary : Summary
    view : SummaryView
        The same under thresholds and classes.

    Returns
    -------
    list of Markup
    """
    scores = view.scores()
    rankings = {
        outcome: view.importance(outcome, settled=True) for outcome in ("true_positive", "missed")
    }
    curves = curve_section(view, rankings, spoken=False)
    return [
        element("p", facts_in_words(summary, view), class_="soft"),
        element("p", wording.FROM_COUNTS, class_="soft small"),
        score_section(view, scores),
        range_section(view),
        importance_section(rankings),
        *([] if curves is None else [curves]),
        class_section(scores),
        word_section((), pd.DataFrame()),
    ]


def range_section(view: SummaryView) -> Markup:
    """Where the errors are, in sentences."""
    parts = []
    for outcome, title in (
        ("true_positive", wording.FALSE_POSITIVES),
        ("missed", wording.MISSED_OBJECTS),
    ):
        sentences = view.worst_ranges(RANGES, outcome, settled=True)["sentence"]
        parts.append(element("h3", title))
        if len(sentences):
            items = [element("li", element("p", unbroken(one))) for one in sentences]
            parts.append(element("ol", *items, class_="findings"))
        else:
            parts.append(element("p", why_no_range(view.scores(), outcome), class_="soft"))
    return join(element("h2", wording.WHERE_ERRORS_CONCENTRATE), *parts)


def compared_sections(comparison: SummaryComparison, view: SummaryComparisonView) -> list[Markup]:
    """Put the page of a comparison of summaries together.

    Parameters
    ----------
    comparison : SummaryComparison
    view : SummaryComparisonView
        The same under thresholds and classes.

    Returns
    -------
    list of Markup
    """
    scores, first = view.scores(settled=True), view.views[0]
    names = [n for n in first.importance().index if n in comparison.metrics.index][:CHARTS]
    shown = pd.DataFrame({"metric": names, "outcome": "true_positive"})
    facts = f"{facts_in_words(comparison.summaries[0], first)} · {view.names[0]} is the baseline"
    return [
        element("p", facts, class_="soft"),
        element("p", wording.FROM_COUNTS, class_="soft small"),
        score_table(scores),
        *curve_sections(view, shown),
        compared_classes(scores),
        word_section((), pd.DataFrame()),
    ]


def facts_in_words(summary: Summary, view: SummaryView) -> str:
    """Say what the page is about: how much data, which choice."""
    facts = summary.facts
    words = [
        f"{facts.images:,} images",
        f"{facts.labels:,} labels",
        f"{facts.predictions:,} predictions",
        f"{facts.classes:,} classes",
        f"IoU of at least {view.iou_threshold:.2f}",
    ]
    threshold = view.confidence_threshold
    if isinstance(threshold, dict):
        words.append(wording.THRESHOLD_BY_CLASS)
    elif threshold is not None:
        words.append(f"confidence of at least {threshold:.2f}")
    if len(view.classes) < len(view.class_names):
        words.append(f"only {', '.join(view.classes)}")
    return " · ".join(words)

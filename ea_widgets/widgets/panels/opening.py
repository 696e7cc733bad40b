"""What the page opens with: a threshold that somebody would use, and the worst range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.sample import OTHER
from ea_widgets.widgets.base import span_of
from ea_widgets.widgets.panels.ranking_rows import stands_apart
from ea_widgets.widgets.panels.worst_ranges_panel import SHOWN, extent_of

if TYPE_CHECKING:
    from ea_widgets.analysis.evaluation import Evaluation
    from ea_widgets.analysis.view import View
    from ea_widgets.widgets.base import Extent, OutcomeWidget


def opening_threshold(evaluation: Evaluation, widget: OutcomeWidget) -> float:
    """Find the confidence of the highest F1.

    Parameters
    ----------
    evaluation : Evaluation
    widget : OutcomeWidget
        Whose IoU threshold, classes and slice count.

    Returns
    -------
    float
        The lowest confidence where no prediction is right, or none can be asked for.
    """
    best = float("nan")
    if evaluation.cannot("best_threshold") is None:
        query = (widget.iou_threshold, None, widget.classes, widget.where)
        best = evaluation.at(*query).best_threshold()
    low, high = span_of(evaluation)
    return low if np.isnan(best) else min(max(best, low), high)


def opening_range(answers: View, outcome: str) -> tuple[str | None, Extent]:
    """Find the range that holds the most errors above average.

    Parameters
    ----------
    answers : View
    outcome : {"true_positive", "missed"}

    Returns
    -------
    metric : str or None
        Displayed name; None where there is no metric.
    extent : tuple of float or frozenset
        Where nothing stands out but what is there for reference, the worst bin of the metric of
        the highest importance.
    """
    found = answers.worst_ranges(SHOWN, outcome)
    found = found[[not stands_apart(metric) for metric in found["metric"]]]
    if len(found):
        row = found.iloc[0]
        return str(row["metric"]), extent_of(row["low"], row["high"], row["isin"])
    ranked = [str(name) for name in answers.importance(outcome=outcome).index]
    metric = next((name for name in ranked if not stands_apart(name)), next(iter(ranked), None))
    return metric, () if metric is None else _worst_bin(answers, metric, outcome)


def _worst_bin(answers: View, metric: str, outcome: str) -> Extent:
    """Find the bin with the highest share of errors."""
    curve = answers.curve(metric)
    missed = outcome == "missed"
    table = curve.labels if missed else curve.predictions
    if "category" in table:
        table = table[table["category"] != OTHER]
    if table.empty:
        return ()
    rates = table["rate"].to_numpy(np.float64)
    row = table.iloc[int(np.argmax(rates) if missed else np.argmin(rates))]
    if "category" in table:
        return frozenset([row["category"]])
    return (float(row["bin_low"]), float(row["bin_high"]))

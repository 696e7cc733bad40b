"""The scores of all models as HTML. Everything that comes from data is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.widgets.base import text, theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from ea_widgets.analysis.comparison import ComparedScores, Comparison

SCORES = {
    "mean_average_precision": ("mAP", "Mean average precision at this IoU, over all predictions"),
    "mean_average_recall": ("mAR", "Mean recall at this IoU, over all predictions"),
    "precision": ("precision", "TP / (TP + FP)"),
    "recall": ("recall", "TP / (TP + FN)"),
    "f1": ("F1", "2 TP / (2 TP + FP + FN)"),
}
COUNTS = {
    "true_positives": ("TP", "Predictions that found an object"),
    "false_positives": ("FP", "Predictions that found none"),
    "false_negatives": ("FN", "Labels that were not found"),
}
LONGEST = 40
MINUS = "\N{MINUS SIGN}"


def facts_html(comparison: Comparison) -> str:
    """Write what is compared.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    str
        HTML.
    """
    dataset = comparison.evaluations[0].dataset
    facts = (
        text.counted(len(dataset.images), "image"),
        text.counted(len(dataset.labels), "label"),
        text.counted(len(comparison.names), "model"),
        f"differences from {text.elide(comparison.names[0], LONGEST)}",
    )
    return f'<div class="eaw-counts">{escape(" · ".join(facts))}</div>'


def thresholds_html(thresholds: Mapping[str, float], *, own: bool) -> str:
    """Write the confidence threshold of each model.

    Parameters
    ----------
    thresholds : mapping of str to float
        By model.
    own : bool
        Whether each is that of the model's highest F1.

    Returns
    -------
    str
        HTML.
    """
    each = " · ".join(
        f"{escape(text.elide(name, LONGEST))} <b>{value:.2f}</b>"
        for name, value in thresholds.items()
    )
    why = "each at its highest F1 on these images" if own else "confidences of two models are "
    why += "" if own else "not one scale"
    return f'<div class="eaw-muted eaw-thresholds">Confidence from: {each} ({why})</div>'


def scores_html(scores: ComparedScores, *, waiting: bool) -> str:
    """Write a row per model: its scores, and their differences from the baseline.

    Parameters
    ----------
    scores : ComparedScores
        With intervals once they are known.
    waiting : bool
        Whether intervals are being computed.

    Returns
    -------
    str
        HTML.
    """
    columns = SCORES | COUNTS
    heads = '<th scope="col">model</th>' + "".join(
        f'<th scope="col" title="{escape(hint)}">{name}</th>' for name, hint in columns.values()
    )
    rows = "".join(
        f'<tr><th scope="row">{model_name(number, str(model))}</th>'
        + "".join(f"<td>{text.rate(row[name])}{difference_html(row, name)}</td>" for name in SCORES)
        + "".join(f"<td>{int(row[name]):,}</td>" for name in COUNTS)
        + "</tr>"
        for number, (model, row) in enumerate(scores.table.iterrows())
    )
    said = "mAP and mAR are over all predictions. In small: the difference from the first model"
    if "f1_difference_low" in scores.table:
        said += ", with its paired 95 % interval; bold where that leaves out 0"
    elif waiting:
        said += "; its interval follows"
    return (
        f'<div class="eaw-scroll"><table class="eaw-objects eaw-models"><thead><tr>{heads}'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<div class="eaw-muted">{said}.</div>'
    )


def model_name(number: int, name: str) -> str:
    """Write a model's name behind a piece of its line."""
    return stroke(number) + escape(text.elide(name, LONGEST))


def stroke(number: int) -> str:
    """Draw a piece of a model's line; nothing for those that the charts have no line for."""
    if number >= len(theme.SERIES):
        return ""
    dash = theme.DASHES[number % len(theme.DASHES)]
    return theme.stroke_sample(theme.SERIES[number], dash)


def difference_html(row: pd.Series, name: str) -> str:
    """Write a difference, with its interval where there is one; nothing for the baseline."""
    value = row[f"{name}_difference"]
    if np.isnan(value):
        return ""
    low, high = (row.get(f"{name}_difference_{end}", np.nan) for end in ("low", "high"))
    told = signed(value)
    if not np.isnan(low):
        # In a narrow page the interval takes two lines, so that no column is out of sight.
        told = f"{told}<br>({signed(low)} to\N{NO-BREAK SPACE}{signed(high)})"
        if low > 0 or high < 0:
            told = f"<b>{told}</b>"
    return f"<div>{told}</div>"


def signed(value: float) -> str:
    """Write a difference with a sign as wide as the plus."""
    return text.signed(value).replace("-", MINUS)

"""How exact the average precision on screen is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.widgets import wording
from ea_widgets.widgets.base import text

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.summary.summary_view import SummaryView

WORST_SHOWN = 5


def error_html(view: SummaryView) -> str:
    """Say how far mAP and the AP of each class can be off.

    Parameters
    ----------
    view : SummaryView
        Over all predictions.

    Returns
    -------
    str
        HTML; all text from data is escaped.
    """
    bounds = view.average_precision_bounds().dropna()
    if bounds.empty:
        return ""
    width = (bounds["high"] - bounds["low"]).sort_values(ascending=False, kind="stable")
    rough = width[width > 0]
    if rough.empty:
        return wording.AP_EXACT
    mean = bounds.mean()
    head = f"mAP is surely between {digits(mean['low'])} and {digits(mean['high'])}"
    many = text.counted(len(rough), "class", "classes")
    how = wording.AP_FROM_BINS
    told = f"Widest of {many}: {_in_words(rough, bounds)}."
    return text.explained(head, [how, told])


def digits(value: float) -> str:
    """Write a number as exactly as the two ends have to be told apart."""
    return f"{value:.4f}"


def _in_words(rough: pd.Series, bounds: pd.DataFrame) -> str:
    """List the classes whose AP is least exact."""
    names = rough.index[:WORST_SHOWN]
    return "; ".join(
        f"{text.elide(str(name), 40)} {digits(bounds.loc[name, 'low'])} to "
        f"{digits(bounds.loc[name, 'high'])}"
        for name in names
    )

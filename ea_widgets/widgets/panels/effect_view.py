"""What rules do to the scores, as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.widgets import wording
from ea_widgets.widgets.base import text

if TYPE_CHECKING:
    from ea_widgets.analysis.actions import RuleEffect

HINTS = {
    "mAP": wording.MAP_HINT,
    "mAR": wording.MAR_HINT,
    "precision": "TP / (TP + FP)",
    "recall": "TP / (TP + FN)",
    "F1": wording.F1_HINT,
}
RATES, OVER_ALL = ("precision", "recall"), ("mAP", "mAR")
SAME = 0.0005
"""Changes smaller than this are none on screen."""


def effect_rows(effect: RuleEffect) -> tuple[tuple[str, float, float], ...]:
    """List the scores that people decide by.

    Parameters
    ----------
    effect : WhatIf
        As `Evaluation.what_if` gives it.

    Returns
    -------
    tuple of (str, float, float)
        Name, before, after.
    """
    before, after = effect.before, effect.after
    return (
        ("mAP", before.mean_average_precision, after.mean_average_precision),
        ("mAR", before.mean_average_recall, after.mean_average_recall),
        ("precision", before.precision, after.precision),
        ("recall", before.recall, after.recall),
        ("F1", effect.f1_before, effect.f1_after),
    )


def effect_table(effect: RuleEffect) -> pd.DataFrame:
    """Tabulate the scores and counts before and after.

    Parameters
    ----------
    effect : WhatIf
        As `Evaluation.what_if` gives it.

    Returns
    -------
    DataFrame
        Columns `before`, `after`, `change`; a row for each score on screen, by its name, and for
        `true_positives`, `false_positives`, `false_negatives` and `predictions`.
    """
    counts = ("true_positives", "false_positives", "false_negatives")
    before, after = effect.before, effect.after
    total = before.predictions_used
    rows = (
        *effect_rows(effect),
        *((name, getattr(before, name), getattr(after, name)) for name in counts),
        ("predictions", total, total - effect.removed),
    )
    names, first, second = zip(*rows, strict=True)
    table = pd.DataFrame(
        {"before": first, "after": second}, index=pd.Index(names, name="score"), dtype=float
    )
    return table.assign(change=table["after"] - table["before"])


def effect_html(effect: RuleEffect, *, whole: bool = True) -> str:
    """Write the scores before and after, and what was removed.

    Parameters
    ----------
    effect : WhatIf
        As `Evaluation.what_if` gives it.
    whole : bool
        Whether it is of all predictions: else mAP and mAR are left out, which are over all of them
        wherever they are shown.

    Returns
    -------
    str
        HTML.
    """
    head = "".join(
        f"<th scope='col'>{name}</th>" for name in ("score", "before", "after", "change")
    )
    rows = [row for row in effect_rows(effect) if whole or row[0] not in OVER_ALL]
    body = "".join(_row(*row) for row in rows)
    return (
        f'<table class="eaw-effect" aria-live="polite"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>{_counts(effect)}"
    )


def _row(name: str, before: float, after: float) -> str:
    change, write = after - before, text.share if name in RATES else text.rate
    if np.isnan(change):
        words, kind = text.MISSING, "same"
    elif abs(change) < SAME:
        words, kind = "no change", "same"
    else:
        better = change > 0
        size = f"{100 * change:+.1f} points" if name in RATES else text.signed(change)
        words = f"{'▲' if better else '▼'} {size}"
        kind = "better" if better else "worse"
    return (
        f'<tr class="eaw-{kind}"><th scope="row" title="{escape(HINTS[name])}">{name}</th>'
        f"<td>{write(before)}</td><td><b>{write(after)}</b></td><td>{words}</td></tr>"
    )


def _counts(effect: RuleEffect) -> str:
    """Say what is dropped, and what that costs."""
    total = effect.before.predictions_used
    share = f" ({100 * effect.removed / total:.1f} %)" if total else ""
    removed, lost = effect.false_positives_removed, effect.true_positives_lost
    gone = ("Removes" if removed >= 0 else "Adds", text.counted(abs(removed), "false positive"))
    cost = ("loses" if lost >= 0 else "gains", text.counted(abs(lost), "true positive"))
    return (
        f'<div class="eaw-counts">{gone[0]} <b>{gone[1]}</b>, {cost[0]} <b>{cost[1]}</b>: '
        f"{effect.removed:,} of {text.counted(total, 'prediction')} dropped{share}.</div>"
    )

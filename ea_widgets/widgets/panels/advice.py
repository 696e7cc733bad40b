"""What to do about the errors: the baseline first, then a rule for the range, with their F1."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.formatting import FROM_LABELS
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.actions import BestConfidence, Rule
    from ea_widgets.analysis.operating import OperatingPoints
    from ea_widgets.analysis.scores import Scores
    from ea_widgets.analysis.view import View

COLUMNS = {
    **dict.fromkeys(("Try", "precision", "recall", "F1"), ""),
    "F1 held out": f' title="{wording.HELD_OUT}"',
}
"""Heads of the table, and the attributes of their cells."""


@dataclass(frozen=True, eq=False)
class Advice:
    """What was tried.

    Attributes
    ----------
    everything : Scores
        Of all predictions.
    points : OperatingPoints
        One threshold for all classes.
    best : BestConfidence or None
        The best rule for the range, under the thresholds chosen; None without a range.
    """

    everything: Scores
    points: OperatingPoints
    best: BestConfidence | None

    @property
    def threshold(self) -> float | None:
        """The one threshold for all classes; None where there is none."""
        value = self.points.threshold
        return None if np.isnan(value) else value


def take_advice(
    answers: View, whole: View, rule: Rule | None, should_stop: Callable[[], bool]
) -> Advice:
    """Try what can be done.

    Parameters
    ----------
    answers : View
        Under the thresholds chosen.
    whole : View
        The same with all predictions.
    rule : Rule or None
        Of the range; its confidence does not matter.
    should_stop : callable
        Whether to give up.

    Returns
    -------
    Advice

    Raises
    ------
    ComputationStoppedError
        If `should_stop` said so.
    """
    points = whole.operating_points(by_class=False)
    stop_if(should_stop)
    best = None
    if rule is not None and answers.where is None:  # a rule acts on all data
        best = answers.best_min_confidence(rule.metric, rule.low, rule.high, rule.isin)
    return Advice(whole.scores(), points, best)


def advice_html(advice: Advice, where: str, *, missed: bool) -> str:
    """Write what was tried as a table, the baseline first.

    Parameters
    ----------
    advice : Advice
    where : str
        The range in words, plain text.
    missed : bool
        Whether missed objects are explained: rules do not help there.

    Returns
    -------
    str
        HTML.
    """
    scores = advice.everything
    rows = [_cells("All predictions", (scores.precision, scores.recall, scores.f1, None))]
    if advice.threshold is not None:
        first = advice.points.table.iloc[0]
        words = f"One threshold for all: confidence {text.number(advice.threshold)}"
        numbers = (first["precision"], first["recall"], first["f_beta"], first["held_out_f_beta"])
        rows.append(_cells(words, numbers))
    note = f'<div class="eaw-words">{wording.NO_RULE_FINDS}</div>' if missed else ""
    if advice.best is not None:
        rows.append(_of_rule(advice.best, where))
    heads = "".join(f'<th scope="col"{hint}>{name}</th>' for name, hint in COLUMNS.items())
    return (
        f'{note}<table class="eaw-effect eaw-advice"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _of_rule(best: BestConfidence, where: str) -> str:
    """Write the row of the best rule for the range."""
    least = best.rule.min_confidence
    mark = f' <span class="eaw-muted">{FROM_LABELS}</span>' if best.rule.needs_labels else ""
    if least == 0:
        numbers: tuple[float | None, ...] = (None, None, best.f1_before, None)
        return _cells(f"{where}: no rule gains anything", numbers, mark)
    scan = best.scan
    row = scan.iloc[-1] if least is None else scan[scan["min_confidence"] == least].iloc[0]
    kept = "none kept" if least is None else f"only above {text.number(least)}"
    return _cells(f"{where}: {kept}", (row["precision"], row["recall"], row["f1"], None), mark)


def _cells(words: str, numbers: tuple[float | None, ...], mark: str = "") -> str:
    """Write a row: two rates, F1, and F1 held out where it is known."""
    *rates, f1, held_out = numbers
    cells = [text.MISSING if rate is None else text.share(rate) for rate in rates]
    cells.append(text.rate(f1) if f1 is not None else text.MISSING)
    known = held_out is not None and not np.isnan(held_out)
    cells.append(text.rate(held_out) if known and held_out is not None else text.MISSING)
    written = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{escape(words)}{mark}</th>{written}</tr>'

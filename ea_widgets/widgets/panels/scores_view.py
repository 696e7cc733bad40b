"""The scores and the counts as HTML. Everything that comes from data is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ea_widgets.analysis.matching import describe_false_positives, describe_missed_labels
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import text, theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from ea_widgets.analysis.facts import Facts
    from ea_widgets.analysis.matching import Reasons
    from ea_widgets.analysis.scores import Scores

LONGEST_NOTE = 400


PROBLEMS_SHOWN, LONGEST_CELL = 100, 80
"""Rows in the table of problems, and characters in a cell of it."""


def counts_html(facts: Facts, remark: str = "", *, short: bool = False) -> str:
    """Write how much data there is, and what was odd about it.

    Parameters
    ----------
    facts : Facts
    remark : str
        A sentence more, in plain text.
    short : bool
        Whether all but the number of images is folded too.

    Returns
    -------
    str
        HTML; notes are folded.
    """
    counts = " · ".join(
        (
            text.counted(facts.images, "image"),
            text.counted(facts.labels, "label"),
            text.counted(facts.predictions, "prediction"),
            text.counted(facts.classes, "class", "classes"),
        )
    )
    notes = [escape(text.elide(note, LONGEST_NOTE)) for note in facts.notes]
    items = "".join(f"<li>{note}</li>" for note in notes)
    more = f" · {escape(remark)}" if remark else ""
    problems = problems_html(facts.problems)
    if short:
        told = text.counted(facts.images, "image")
        told += f" · {text.counted(len(notes), 'note')}" if notes else ""
        return (
            f'<div class="eaw-counts"><details><summary>{told}</summary>{counts}{more}'
            f'<ul class="eaw-notes">{items}</ul>{problems}</details></div>'
        )
    if not notes:
        told = ""
    else:
        told = (
            f"<details><summary>{text.counted(len(notes), 'note')} on the data</summary>"
            f'<ul class="eaw-notes">{items}</ul></details>'
        )
    return f'<div class="eaw-counts">{counts}{more}{told}{problems}</div>'


def problems_html(problems: pd.DataFrame) -> str:
    """Write a folded table of the rows that were left out or changed when the data were read.

    Parameters
    ----------
    problems : DataFrame
        As `Dataset.problems` has them.

    Returns
    -------
    str
        HTML; nothing where no row is listed. Of many rows the first ones are shown.
    """
    if problems.empty:
        return ""
    shown = problems.head(PROBLEMS_SHOWN)
    cells = (map(str, row) for row in shown.itertuples(index=False))
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(text.elide(cell, LONGEST_CELL))}</td>' for cell in row)}</tr>"
        for row in cells
    )
    heads = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in problems.columns)
    more = len(problems) - len(shown)
    rest = f"<p>and {more:,} more: <code>dataset.problems</code></p>" if more else ""
    return (
        f"<details><summary>{text.counted(len(problems), 'row')} left out or changed</summary>"
        f'<table class="eaw-problems"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f"{rest}</details>"
    )


def readouts_html(scores: Scores, coco: Mapping[str, float]) -> str:
    """Write the scores of the choices, and COCO's fixed one beside them.

    Parameters
    ----------
    scores : Scores
        Under the choices; mAP and mAR over all predictions.
    coco : mapping of str to float
        The twelve numbers of COCO, of the chosen classes.

    Returns
    -------
    str
        HTML.
    """
    main = (
        (
            "mAP",
            text.rate(scores.mean_average_precision),
            f"Mean average precision {wording.OVER_ALL}",
        ),
        ("mAR", text.rate(scores.mean_average_recall), f"Mean recall {wording.OVER_ALL}"),
        ("precision", text.share(scores.precision), "TP / (TP + FP)"),
        ("recall", text.share(scores.recall), "TP / (TP + FN)"),
        ("F1", text.rate(scores.f1), wording.F1_HINT),
    )
    counts = (
        ("TP", scores.true_positives, wording.TP_HINT),
        ("FP", scores.false_positives, wording.FP_HINT),
        ("FN", scores.false_negatives, wording.FN_HINT),
    )
    used = f"{scores.predictions_used:,} of {scores.predictions_total:,} predictions"
    cells = [_cell(name, value, hint) for name, value, hint in main]
    cells += [_cell(name, f"{value:,}", hint, "eaw-small") for name, value, hint in counts]
    return (
        f'<div class="eaw-readouts" aria-live="polite" title="{used}">'
        f"{''.join(cells)}{coco_reference(coco)}</div>"
    )


def errors_html(reasons: Reasons, outcome: str) -> str:
    """Write how many errors of one kind there are, and why, as a bar and in words.

    Parameters
    ----------
    reasons : Reasons
        Under the choices.
    outcome : {"true_positive", "missed"}
        Which errors.

    Returns
    -------
    str
        HTML.
    """
    missed = outcome == "missed"
    why = describe_missed_labels(reasons) if missed else describe_false_positives(reasons)
    parts = "".join(
        f'<i style="flex-grow: {count}; background: {colour}"></i>'
        for count, colour in zip(
            sorted(reasons.label_counts if missed else reasons.prediction_counts, reverse=True),
            theme.SHADES,
            strict=False,
        )
        if count
    )
    return (
        f'<div class="eaw-muted eaw-errors" title="{why}. After TIDE (Bolya et al. 2020)">'
        f'<span class="eaw-stack" aria-hidden="true">{parts}</span>{why}</div>'
    )


def coco_reference(coco: Mapping[str, float]) -> str:
    """Write COCO's own number.

    Parameters
    ----------
    coco : mapping of str to float
        The twelve numbers; the first is AP@[.50:.95].

    Returns
    -------
    str
        HTML; nothing where there is none.
    """
    if not coco:
        return ""
    value = next(iter(coco.values()))
    return (
        '<div class="eaw-muted" title="The average of COCO over ten IoU thresholds, of the chosen '
        'classes and of predictions of any confidence">'
        f"mAP 50-95 {text.rate(value)}</div>"
    )


def _cell(name: str, value: str, hint: str, style: str = "") -> str:
    """Write one number with its name before it."""
    return f'<div class="{style}" title="{escape(hint)}"><span>{name}</span><b>{value}</b></div>'

"""Sections of plain numbers: scores, classes, and what the words mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ea_widgets.reporting import wording
from ea_widgets.reporting.markup import Markup, element, join

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.analysis.scores import Scores
    from ea_widgets.analysis.view import View
    from ea_widgets.summary.summary_view import SummaryView

CLASSES = 40

COCO_NAMES = {"AP": "AP@[.50:.95]", "AP50": "AP@.50", "AP75": "AP@.75"}


def data_section(view: View) -> Markup:
    """Say what the page is about: how much data, which choice."""
    dataset = view.dataset
    counts = (
        (len(dataset.frames.images), "image", "images"),
        (len(dataset.frames.labels), "label", "labels"),
        (len(dataset.frames.predictions), "prediction", "predictions"),
        (len(dataset.class_names), "class", "classes"),
    )
    words = [f"{number:,} {one if number == 1 else many}" for number, one, many in counts]
    words.append(f"IoU of at least {view.iou_threshold:.2f}")
    threshold = view.confidence_threshold
    if isinstance(threshold, dict):
        words.append(wording.THRESHOLD_BY_CLASS)
    elif threshold is not None:
        words.append(f"confidence of at least {threshold:.2f}")
    if len(view.classes) < len(view.class_names):
        words.append(f"only {', '.join(view.classes)}")
    return element("p", " · ".join(words), class_="soft")


def score_section(view: View | SummaryView, scores: Scores) -> Markup:
    """Scores in large type, and COCO's own small."""
    iou = f"{view.iou_threshold:.2f}"
    tiles = (
        (ratio(scores.mean_average_precision), f"mAP@{iou}"),
        (ratio(scores.mean_average_recall), f"mAR@{iou}"),
        (ratio(scores.precision), "precision"),
        (ratio(scores.recall), "recall"),
        (ratio(scores.f1), "F1"),
        (f"{scores.true_positives:,}", "true positives"),
        (f"{scores.false_positives:,}", "false positives"),
        (f"{scores.false_negatives:,}", "missed objects"),
    )
    summary = view.coco_summary()
    coco = [
        element("div", element("dt", COCO_NAMES.get(name, name)), element("dd", ratio(value)))
        for name, value in summary.items()
    ]
    return join(
        element(
            "div",
            *(element("div", element("b", n), element("span", w), class_="tile") for n, w in tiles),
            class_="tiles",
        ),
        element("p", wording.COCO_REFERENCE, class_="soft small"),
        element("dl", *coco, class_="coco"),
    )


def class_section(scores: Scores) -> Markup:
    """Scores of each class, the worst first; of many classes both ends."""
    table = scores.per_class.sort_values("average_precision", kind="stable", na_position="last")
    left_out = len(table) - CLASSES
    if left_out > 0:
        labelled = int(table["average_precision"].notna().sum())
        half = CLASSES // 2
        kept = [*range(half), *range(max(half, labelled - half), max(half, labelled))]
        left_out = len(table) - len(kept)
        table = table.iloc[kept]
    header = ("class", "AP", "AR", "precision", "labels", "predictions")
    rows = [
        element(
            "tr",
            element("td", name),
            element("td", meter(row["average_precision"]), ratio(row["average_precision"])),
            element("td", ratio(row["average_recall"])),
            element("td", ratio(row["precision"])),
            element("td", f"{int(row['labels']):,}"),
            element("td", f"{int(row['predictions']):,}"),
        )
        for name, row in table.iterrows()
    ]
    note = f"The {left_out:,} classes between the worst and the best ones are left out."
    return join(
        element("h2", wording.CLASSES),
        element(
            "div",
            element(
                "table",
                element("thead", element("tr", *(element("th", name) for name in header))),
                element("tbody", *rows),
            ),
            class_="scroll",
        ),
        element("p", note, class_="soft small") if left_out > 0 else None,
    )


def meter(value: float) -> Markup | None:
    """Draw a share as a small bar."""
    if math.isnan(value):
        return None
    return element("span", element("i", style=f"width:{100 * value:.1f}%"), class_="meter")


PROBLEMS_SHOWN = 100


def problem_table(problems: pd.DataFrame) -> Markup | None:
    """List the rows that were left out or changed when the data were read, folded."""
    if problems.empty:
        return None
    heads = (element("th", name.replace("_", " ")) for name in problems.columns)
    rows = (
        element("tr", *(element("td", str(cell)) for cell in row))
        for row in problems.head(PROBLEMS_SHOWN).itertuples(index=False)
    )
    more = len(problems) - PROBLEMS_SHOWN
    return element(
        "details",
        element("summary", f"{len(problems):,} rows left out or changed"),
        element("table", element("thead", element("tr", *heads)), element("tbody", *rows)),
        element("p", f"and {more:,} more", class_="soft small") if more > 0 else None,
    )


def word_section(notes: tuple[str, ...], problems: pd.DataFrame) -> Markup:
    """Say what the numbers mean, and what was odd about the data."""
    words = [
        join(element("dt", name), element("dd", meaning))
        for name, meaning in wording.MEANINGS.items()
    ]
    return join(
        join(
            element("h2", wording.ABOUT_THE_DATA),
            element("ul", *(element("li", n) for n in notes)),
            problem_table(problems),
        )
        if notes or len(problems)
        else None,
        element("h2", wording.WHAT_NUMBERS_MEAN),
        element("dl", *words, class_="words"),
    )


def ratio(value: float) -> str:
    """Write a score with three decimals, as they are compared."""
    return "\N{EN DASH}" if math.isnan(value) else f"{value:.3f}"

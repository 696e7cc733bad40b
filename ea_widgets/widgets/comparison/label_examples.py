"""What one of two models found or got wrong and the other did not, as pictures show it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.comparison.label_table import counted_labels, finders
from ea_widgets.analysis.comparison.models import common_order
from ea_widgets.analysis.matching import BOX
from ea_widgets.core.matching.boxes import pairwise_iou
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.widgets.base import text
from ea_widgets.widgets.examples.captions import NAME_LIMIT, Example, outline, sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.comparison import ComparisonView
    from ea_widgets.analysis.view import View
    from ea_widgets.data.dataset import Dataset
    from ea_widgets.data.images.drawing import Box, Outline
    from ea_widgets.widgets.examples.gallery import Pictures

NEW = "new_false_positive"
CHANGES = ("gained", "lost", "missed", NEW)
"""Labels found by the other model only, by the baseline only, by neither; and false positives of
the other model at which the baseline has none."""

NEARBY = 0.1
"""Least overlap of a prediction that is drawn beside."""

PAGE, STROKE = 12, 3


@dataclass(frozen=True, eq=False)
class LabelPage:
    """A page of labels, or of false positives, ready to be shown.

    Attributes
    ----------
    model : str
        What is compared with the baseline.
    change : {"gained", "lost", "missed", "new_false_positive"}
    page : int
        Which page it is, from 0.
    counts : dict of str to int
        Labels, or predictions, by change.
    examples : list of Example
    below : list of tuple of Outline
        What the other model predicts nearby, to be drawn below each.
    crops : list of bytes
        A picture of each; none where there are no images.
    captions : list of str
        HTML below each.
    """

    model: str
    change: str
    page: int
    counts: dict[str, int]
    examples: list[Example]
    below: list[tuple[Outline, ...]]
    crops: list[bytes]
    captions: list[str]


def find_labels(
    view: ComparisonView,
    model: str,
    change: str,
    page: int,
    pictures: Pictures | None,
    should_stop: Callable[[], bool],
) -> LabelPage:
    """Find a page of labels, the surest of the model that found them first.

    Parameters
    ----------
    view : ComparisonView
    model : str
        What is compared with the baseline.
    change : {"gained", "lost", "missed", "new_false_positive"}
    page : int
        From 0; the last one where there are fewer.
    pictures : Pictures or None
        Draws them.
    should_stop : callable
        Asked between the pictures.

    Returns
    -------
    LabelPage
    """
    table, new = view.labels(), view.new_false_positives(model)
    column = table[f"change_{model}"]
    counts = {name: int((column == name).sum()) for name in CHANGES}
    counts[NEW] = len(new)
    stop_if(should_stop)
    page = max(0, min(page, (counts[change] - 1) // PAGE))
    baseline, shown = view.names[0], slice(page * PAGE, (page + 1) * PAGE)
    if change == NEW:
        examples, beside = wrong_examples(view, new.iloc[shown]), [baseline]
    else:
        finder = {"gained": model, "lost": baseline}.get(change)
        rows = table[column == change]
        if finder is not None:
            rows = rows.sort_values(f"confidence_{finder}", ascending=False, kind="stable")
        examples = examples_of(view, rows.iloc[shown], finder)
        beside = [name for name in (baseline, model) if name != finder]
    found = [counted_predictions(view[name]) for name in beside]
    below = [
        tuple(
            outline("other", box, STROKE)
            for table in found
            if (box := nearest(table, view.views[0].dataset, one)) is not None
        )
        for one in examples
    ]
    captions = [caption(one, baseline, model, change) for one in examples]
    crops: list[bytes] = []
    for one, outlines in zip(examples, below, strict=True):
        if pictures is None:
            break
        stop_if(should_stop)
        crops.append(pictures.crop(one, below=outlines))
    return LabelPage(model, change, page, counts, examples, below, crops, captions)


def examples_of(view: ComparisonView, rows: pd.DataFrame, finder: str | None) -> list[Example]:
    """Give labels as pictures show them: with the prediction that found them, if one did.

    Parameters
    ----------
    view : ComparisonView
    rows : DataFrame
        Of :meth:`ComparisonView.labels`.
    finder : str or None
        The model whose predictions are drawn.

    Returns
    -------
    list of Example
    """
    dataset = view.views[0].dataset
    image_rows = pd.Index(dataset.images["image_id"]).get_indexer(pd.Index(rows["image_id"]))
    boxes = rows[BOX].to_numpy(np.float64).tolist()
    predictions: list[Any] = [None] * len(rows)
    confidence, iou = np.full((2, len(rows)), np.nan)
    if finder is not None:
        found_by = view[finder]
        order = common_order([dataset, found_by.dataset])[1]
        labels = np.flatnonzero(counted_labels(view.views[0]))[rows.index]
        taken = finders(found_by)[order[labels]]
        predictions = found_by.dataset.predictions[BOX].to_numpy(np.float64)[taken].tolist()
        confidence, iou = (
            rows[f"{name}_{finder}"].to_numpy(np.float64) for name in ("confidence", "iou")
        )
    return [
        Example(
            kind="missed" if finder is None else "true_positive",
            reason="",
            class_name=str(name),
            other_class="" if finder is None else str(name),
            confidence=float(confidence[at]),
            other_confidence=float("nan"),
            iou=float(iou[at]),
            value=float("nan"),
            image=image_name(dataset, int(image_rows[at])),
            image_row=int(image_rows[at]),
            box=tuple(predictions[at] or boxes[at]),
            other_box=None if finder is None else tuple(boxes[at]),
        )
        for at, name in enumerate(rows["class_name"])
    ]


def wrong_examples(view: ComparisonView, rows: pd.DataFrame) -> list[Example]:
    """Give false positives as pictures show them, with the label that each overlaps most.

    Parameters
    ----------
    view : ComparisonView
    rows : DataFrame
        Of :meth:`ComparisonView.new_false_positives`.

    Returns
    -------
    list of Example
    """
    dataset = view.views[0].dataset
    image_rows = pd.Index(dataset.images["image_id"]).get_indexer(pd.Index(rows["image_id"]))
    examples = []
    for row, image_row in zip(rows.to_dict("records"), image_rows.tolist(), strict=True):
        one = Example(
            kind="false_positive",
            reason=row["reason"],
            class_name=str(row["class_name"]),
            other_class="",
            confidence=float(row["confidence"]),
            other_confidence=float("nan"),
            iou=float("nan"),
            value=float("nan"),
            image=image_name(dataset, image_row),
            image_row=image_row,
            box=(row["x"], row["y"], row["width"], row["height"]),
            other_box=None,
        )
        examples.append(replace(one, other_box=nearest(dataset.labels, dataset, one)))
    return examples


def counted_predictions(view: View) -> pd.DataFrame:
    """Give the predictions of a model that are right or wrong under its view, with their boxes."""
    outcome = view.matches().predictions["outcome"]
    counted = outcome.index[outcome.isin(["true_positive", "false_positive"])]
    return view.dataset.predictions.loc[counted]


def nearest(objects: pd.DataFrame, dataset: Dataset, example: Example) -> Box | None:
    """Find the box in the example's image that overlaps its own most; None if hardly any does."""
    image = dataset.images["image_id"].iloc[example.image_row]
    there = objects[(objects["image_id"] == image).to_numpy()]
    boxes = there[BOX].to_numpy(np.float64)
    iou = pairwise_iou([example.box], boxes)[0]
    if not len(iou) or iou.max() < NEARBY:
        return None
    return tuple(boxes[int(iou.argmax())].tolist())


def image_name(dataset: Dataset, row: int) -> str:
    """Name an image as people know it."""
    image = dataset.images.iloc[row]
    name = image.get("file_name")
    return name if isinstance(name, str) else f"image {image['image_id']}"


def caption(example: Example, baseline: str, model: str, change: str) -> str:
    """Write which model found a label, and which did not, as HTML."""
    name = escape(text.elide(example.class_name, NAME_LIMIT))
    first, other = (escape(text.elide(each, NAME_LIMIT)) for each in (baseline, model))
    mark = sample(example.kind)
    if change == "missed":
        told = f"{mark}missed by both"
        more = escape(text.elide(example.image, 40))
    elif change == NEW:
        told = f"{mark}{other}, {example.confidence:.2f}: {escape(example.verdict)}"
        more = f"{first} has none there"
    else:
        by, not_by = (other, first) if change == "gained" else (first, other)
        told = f"{mark}found by {by}, {example.confidence:.2f}"
        more = f"missed by {not_by} · IoU {example.iou:.2f}"
    return f'<div class="eaw-caption"><div><b>{name}</b> {told}</div><div>{more}</div></div>'

"""The labels that one of two models found and the other did not, as pictures show them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.comparison.label_table import counted_labels, finders
from ea_widgets.analysis.comparison.models import common_order
from ea_widgets.analysis.matching import BOX
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.widgets.base import text
from ea_widgets.widgets.examples.captions import NAME_LIMIT, Example, sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.comparison import ComparisonView
    from ea_widgets.data.dataset import Dataset
    from ea_widgets.widgets.examples.gallery import Pictures

CHANGES = ("gained", "lost", "missed")
"""Found by the other model only, by the baseline only, by neither."""

PAGE = 12


@dataclass(frozen=True, eq=False)
class LabelPage:
    """A page of labels, ready to be shown.

    Attributes
    ----------
    model : str
        What is compared with the baseline.
    change : {"gained", "lost", "missed"}
    page : int
        Which page it is, from 0.
    counts : dict of str to int
        Labels by change.
    examples : list of Example
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
    change : {"gained", "lost", "missed"}
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
    table = view.labels()
    column = table[f"change_{model}"]
    counts = {name: int((column == name).sum()) for name in CHANGES}
    stop_if(should_stop)
    page = max(0, min(page, (counts[change] - 1) // PAGE))
    finder = {"gained": model, "lost": view.names[0]}.get(change)
    rows = table[column == change]
    if finder is not None:
        rows = rows.sort_values(f"confidence_{finder}", ascending=False, kind="stable")
    rows = rows.iloc[page * PAGE : (page + 1) * PAGE]
    examples = examples_of(view, rows, finder)
    captions = [caption(one, view.names[0], model, change) for one in examples]
    crops: list[bytes] = []
    for one in examples:
        if pictures is None:
            break
        stop_if(should_stop)
        crops.append(pictures.crop(one))
    return LabelPage(model, change, page, counts, examples, crops, captions)


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
    else:
        by, not_by = (other, first) if change == "gained" else (first, other)
        told = f"{mark}found by {by}, {example.confidence:.2f}"
        more = f"missed by {not_by} · IoU {example.iou:.2f}"
    return f'<div class="eaw-caption"><div><b>{name}</b> {told}</div><div>{more}</div></div>'

"""False positives of a model at which the baseline has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.matching import BOX
from ea_widgets.core.matching.overlap_candidates import overlapping_boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.view import View

COLUMNS = ("image_id", "prediction_id", "class_name", *BOX, "confidence", "reason")


def new_false_positives(baseline: View, other: View) -> pd.DataFrame:
    """Find the false positives of a model at which the baseline has none.

    Parameters
    ----------
    baseline, other : View
        On the same images and classes.

    Returns
    -------
    DataFrame
        The surest first; index: the row in the other's ``dataset.predictions``. Columns
        `image_id`, `prediction_id`, `class_name`, its box, `confidence`, `reason` (see
        :class:`Matches`).

    Notes
    -----
    The baseline has one there where a false positive of the same image and class overlaps it by
    the IoU threshold or more. Boxes are compared, with masks too.
    """
    theirs, mine = (false_positives(view) for view in (baseline, other))
    images = pd.Index(baseline.dataset.images["image_id"])
    classes = pd.Index(baseline.dataset.class_names, dtype=object)

    def group(table: pd.DataFrame) -> NDArray[np.int64]:
        image = images.get_indexer(pd.Index(table["image_id"]))
        code = classes.get_indexer(pd.Index(table["class_name"].astype(object)))
        number: NDArray[np.int64] = image.astype(np.int64) * len(classes) + code
        return number

    boxes = [table[BOX].to_numpy(np.float64) for table in (mine, theirs)]
    known, _, iou = overlapping_boxes(group(mine), group(theirs), boxes[0], boxes[1], 0.0)
    new = np.ones(len(mine), bool)
    new[known[iou >= baseline.query.iou_threshold]] = False
    return mine[new].sort_values("confidence", ascending=False, kind="stable")


def false_positives(view: View) -> pd.DataFrame:
    """Tabulate the false positives of one model; columns as above."""
    found = view.matches().predictions
    found = found[found["outcome"] == "false_positive"]
    boxes = view.dataset.predictions.loc[found.index, list(BOX)]
    return pd.concat([found, boxes], axis=1)[list(COLUMNS)]

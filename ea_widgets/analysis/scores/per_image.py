"""The answer to `on which images does the detector fail?`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_option
from ea_widgets.analysis.scores.scoring import ratio
from ea_widgets.analysis.slices.images import images_inside
from ea_widgets.data.catalogue.names import MetricName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.matching.engine import Engine
    from ea_widgets.analysis.sample.query import Query

ORDERS = ("dataset", "f1", "errors")
COLUMNS = ("tp", "fp", "fn", "precision", "recall", "f1")


def per_image(data: MatchedData, query: Query, order: str = "dataset") -> pd.DataFrame:
    """Score each image; see :meth:`View.per_image`."""
    check_option("order", order, ORDERS)
    images = data.dataset.frames.images
    counts = image_counts(data, query)
    inside = np.flatnonzero(images_inside(data.dataset, query.where))
    tp, fp, fn = (column[inside] for column in counts)
    precision, recall, f1 = ratio(tp, tp + fp), ratio(tp, tp + fn), ratio(2 * tp, 2 * tp + fp + fn)
    for lacking, unknown in (("P", precision), ("O", recall)):
        if data.slice.lacking == lacking:
            unknown[:] = f1[:] = np.nan
    known = [name for name in ("image_id", "file_name") if name in images]
    scored = dict(zip(COLUMNS, (tp, fp, fn, precision, recall, f1), strict=True))
    metrics = data.dataset.metrics
    named = list(metrics["name"][metrics["level"] == "F"])
    displayed = {name: str(MetricName(name, "F")) for name in named if name in COLUMNS}
    table = pd.concat(
        [
            images[known].iloc[inside],
            pd.DataFrame(scored, index=images.index[inside]),
            images[named].iloc[inside].rename(columns=displayed),
        ],
        axis=1,
    )
    if order == "dataset":
        return table
    keys = (-(fp + fn), f1) if order == "f1" else (f1, -(fp + fn))
    return table.iloc[np.lexsort((np.arange(len(table)), *keys))]


def image_counts(
    data: MatchedData, query: Query
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Count true positives, false positives and missed labels, each by row of the images."""
    engine: Engine = data.engine
    outcome, image = data.outcome(query), engine.predictions.image_code
    of_labels = engine.judged_labels(query)
    n_images = len(engine.image_order)
    tp, counted, excluded, labels = (
        np.bincount(code, minlength=n_images)
        for code in (
            image[outcome.true_positives],
            image[engine.chosen_predictions(query)],
            image[outcome.excluded],
            engine.labels.image_code[of_labels],
        )
    )
    row = np.argsort(engine.image_order)  # codes ascend with the id, rows are as given
    return tp[row], (counted - excluded - tp)[row], (labels - tp)[row]

"""What a query leaves, ready to be cut at any confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.counting.cutoffs import Ranked
from ea_widgets.core.statistics.resampling import MOST_DRAWN

if TYPE_CHECKING:
    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample.query import Query


def rank(data: MatchedData, query: Query) -> Ranked:
    """Order the predictions of a query that count by class and falling confidence.

    Parameters
    ----------
    data : MatchedData
    query : Query

    Returns
    -------
    Ranked
        Its groups are the chosen classes, in their order. Beyond 8,192 clusters some share one,
        as where they are drawn again.
    """
    engine, outcome = data.engine, data.outcome(query)
    predictions, labels = engine.predictions, engine.labels
    of_image = data.clusters_of_images
    n_clusters = min(int(of_image.max(initial=-1)) + 1, MOST_DRAWN)
    of_image = of_image % max(n_clusters, 1)
    counts, hit = engine.judged_predictions(query, outcome)
    rows, chosen = np.flatnonzero(counts), np.flatnonzero(engine.judged_labels(query))
    group = np.full(engine.n_classes, -1, np.intp)
    group[list(query.classes)] = np.arange(len(query.classes))
    return Ranked(
        group[predictions.class_code[rows]],
        predictions.confidence[rows],
        hit[rows],
        of_image[predictions.image_code[rows]],
        group[labels.class_code[chosen]],
        of_image[labels.image_code[chosen]],
        len(query.classes),
        n_clusters,
    )

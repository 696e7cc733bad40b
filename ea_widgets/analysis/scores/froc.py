"""Free-response curves: recall over false positives per image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_flag
from ea_widgets.analysis.scores.precision_recall import names_of
from ea_widgets.analysis.scores.scoring import ratio
from ea_widgets.analysis.slices.images import images_inside
from ea_widgets.core.matching.free_response import trace_free_response

if TYPE_CHECKING:
    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample.query import Query

REFERENCE_RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False positives per image at which recall is read off, as in the LUNA16 challenge."""


def froc(data: MatchedData, query: Query, *, by_class: bool = False) -> pd.DataFrame:
    """Trace recall over false positives per image; see :meth:`View.froc`."""
    by_class = check_flag("by_class", by_class)
    engine, outcome = data.engine, data.outcome(query)
    predictions, classes = engine.predictions, np.array(query.classes, np.intp)
    classes = classes[engine.labels_per_class[classes] > 0] if by_class else classes
    counts, hit = engine.judged_predictions(query, outcome)
    if by_class:
        counts &= engine.class_mask(tuple(classes))[predictions.class_code]
        rows = np.flatnonzero(counts)
        group = np.searchsorted(classes, predictions.class_code[rows])
        names = [data.class_names[code] for code in classes.tolist()]
        n_labels = engine.labels_per_class[classes]
    else:
        rows = engine.by_confidence.rows[counts[engine.by_confidence.rows]]
        group, names = np.zeros(len(rows), np.intp), ["all"]
        n_labels = engine.labels_per_class[classes].sum(keepdims=True)
    curve = trace_free_response(group, predictions.confidence[rows], hit[rows])
    n_images = np.full(1, np.count_nonzero(images_inside(data.dataset, query.where)))
    rates = np.array(REFERENCE_RATES)
    place = curve.last_within(rates * n_images, len(names)).ravel()
    wrong = ratio(curve.wrong, np.repeat(n_images, len(curve.wrong)))
    code = np.concatenate([curve.group, np.repeat(np.arange(len(names)), len(rates))])
    found = np.concatenate([curve.found, np.append(curve.found, 0)[place]])
    confidence = np.append(curve.confidence, np.nan)
    recall = ratio(found, n_labels[code])
    if data.slice.lacking == "P":  # no prediction is known to be wrong
        wrong[:] = recall[len(wrong) :] = np.nan
    if data.slice.lacking == "O":
        recall[:] = np.nan
    return pd.DataFrame(
        {
            "class_name": names_of(code, tuple(names)),
            "kind": np.repeat(np.array(["raw", "reference"], object), [len(wrong), len(place)]),
            "false_positives_per_image": np.concatenate([wrong, np.tile(rates, len(names))]),
            "recall": recall,
            "confidence": np.concatenate([confidence[:-1], confidence[place]]),
        }
    )

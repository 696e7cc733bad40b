"""Precision-recall curves: what average precision is the area of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.core.matching.average_precision import RECALL_LEVELS, precision_envelope

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query

KINDS = ("raw", "interpolated")


def trace_precision(data: MatchedData, query: Query) -> pd.DataFrame:
    """Tabulate the curves; see :meth:`View.precision_recall`."""
    engine, outcome = data.engine, data.outcome(query)
    rows, predictions = outcome.true_positives, engine.predictions
    class_code = predictions.class_code[rows]
    found = np.bincount(class_code, minlength=engine.n_classes)
    first = np.cumsum(found) - found
    number = np.arange(len(rows)) - first[class_code] + 1
    precision = number / (engine.ranks(outcome) + 1 + np.spacing(1))
    never = 0.0
    if engine.lacks_confidences:
        precision[:] = never = np.nan
    envelope = np.append(precision_envelope(precision, number == 1), never)
    confidence = np.append(predictions.confidence[rows], np.nan)
    classes = np.array(query.classes, np.intp)
    classes = classes[engine.labels_per_class[classes] > 0]
    needed = engine.matches_needed[classes]
    # A level that is never reached has precision 0 and no confidence: the entry at the end.
    place = np.where(
        needed <= found[classes][:, None], first[classes][:, None] + needed - 1, len(rows)
    )
    recall = number / np.maximum(engine.labels_per_class[class_code], 1)
    code = np.concatenate([class_code, np.repeat(classes, len(RECALL_LEVELS))])
    kind = np.repeat([0, 1], [len(rows), place.size]).astype(np.int8)
    order = np.lexsort((np.arange(len(code)), kind, code))
    return (
        pd.DataFrame(
            {
                "class_name": names_of(code, data.class_names),
                "kind": np.array(KINDS, dtype=object)[kind],
                "recall": np.concatenate([recall, np.tile(RECALL_LEVELS, len(classes))]),
                "precision": np.concatenate([precision, envelope[place].ravel()]),
                "confidence": np.concatenate([confidence[:-1], confidence[place].ravel()]),
            }
        )
        .iloc[order]
        .reset_index(drop=True)
    )


def names_of(code: NDArray[np.intp], class_names: tuple[str, ...]) -> pd.Categorical:
    """Class names of codes, in display order."""
    return pd.Categorical.from_codes(code, pd.Index(class_names, dtype=object))

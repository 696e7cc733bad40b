"""Lists likely label errors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_option
from ea_widgets.analysis.label_errors.evidence import gather
from ea_widgets.analysis.label_errors.rankings import RANKINGS
from ea_widgets.analysis.matching import ids_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.label_errors.evidence import Evidence
    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query

KINDS = tuple(RANKINGS)
"""Kinds of label errors, in the order in which they are named."""


def find_label_errors(data: MatchedData, query: Query, kind: object = None) -> pd.DataFrame:
    """Rank likely label errors; see :meth:`View.label_errors`."""
    kinds = KINDS if kind is None else (check_option("kind", kind, KINDS),)
    everything = replace(query, classes=tuple(range(data.engine.n_classes)))
    evidence = data.answer("label evidence", everything, lambda: gather(data, query))
    tables = [_table(data, query, evidence, name) for name in kinds]
    table = pd.concat([part for part in tables if len(part)] or tables[:1], ignore_index=True)
    return table.sort_values("score", ascending=False, kind="stable", ignore_index=True)


def _table(data: MatchedData, query: Query, evidence: Evidence, kind: str) -> pd.DataFrame:
    """Tabulate the suspects of one kind, of the chosen classes."""
    engine, ranking = data.engine, RANKINGS[kind](evidence)
    about_predictions = kind == "missing"
    objects = engine.predictions if about_predictions else engine.labels
    rows = ranking.prediction if about_predictions else ranking.label
    chosen = np.flatnonzero(engine.class_mask(query.classes)[objects.class_code[rows]])
    rows = rows[chosen]
    images = data.dataset.frames.images["image_id"].iloc[engine.image_order]
    names = np.array([*data.class_names, None], dtype=object)
    label, other, prediction = (
        index[chosen] for index in (ranking.label, ranking.other_label, ranking.prediction)
    )
    labels, predictions = data.dataset.frames.labels, data.dataset.frames.predictions

    def source(index: NDArray[np.intp], row: NDArray[np.intp]) -> NDArray[np.intp]:
        return np.where(index >= 0, np.append(row, -1)[index], -1)

    def class_of(index: NDArray[np.intp], code: NDArray[np.intp]) -> NDArray[np.object_]:
        found: NDArray[np.object_] = names[np.where(index >= 0, np.append(code, -1)[index], -1)]
        return found

    return pd.DataFrame(
        {
            "kind": pd.Categorical([kind] * len(rows), categories=KINDS),
            "score": ranking.score[chosen],
            "image_id": images.iloc[objects.image_code[rows]].array,
            "label_id": ids_of(labels["label_id"], source(label, engine.labels.row)),
            "prediction_id": ids_of(
                predictions["prediction_id"], source(prediction, engine.predictions.row)
            ),
            "other_label_id": ids_of(labels["label_id"], source(other, engine.labels.row)),
            "class_name": class_of(label, engine.labels.class_code),
            "predicted_class": class_of(prediction, engine.predictions.class_code),
            "confidence": np.append(engine.predictions.confidence, np.nan)[prediction],
            "iou": ranking.iou[chosen],
        }
    )

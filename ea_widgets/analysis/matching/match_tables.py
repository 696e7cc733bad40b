"""Outcomes of predictions and labels as tables in the order of the user's frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.matching.matches import Matches
from ea_widgets.analysis.matching.reasons import LABEL_REASONS, labels_with_wrong_class
from ea_widgets.core.matching.error_types import REASONS, false_positive_reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.engine import Engine, Outcome
    from ea_widgets.analysis.sample import Query
    from ea_widgets.data.dataset import Dataset

PREDICTION_OUTCOMES = ("left_out", "false_positive", "true_positive", "ignored")
LABEL_OUTCOMES = ("missed", "found", "ignored")


def match_tables(dataset: Dataset, engine: Engine, outcome: Outcome, query: Query) -> Matches:
    """Tabulate what became of each prediction and label of a query.

    Parameters
    ----------
    dataset : Dataset
    engine : Engine
    outcome : Outcome
        Of the same query.
    query : Query

    Returns
    -------
    Matches
    """
    mask = engine.class_mask(query.classes)
    return Matches(
        prediction_table(dataset, engine, outcome, query, mask),
        label_table(dataset, engine, outcome, query, mask),
    )


def prediction_table(
    dataset: Dataset, engine: Engine, outcome: Outcome, query: Query, mask: NDArray[np.bool_]
) -> pd.DataFrame:
    """Tabulate the predictions; see :class:`Matches`."""
    frame = dataset.frames.predictions
    rows = engine.predictions.row
    n = len(frame)
    state, reason = np.zeros(n, np.int8), np.full(n, -1, np.int8)
    partner, iou = np.full(n, -1, np.intp), np.zeros(n)
    state[rows] = PREDICTION_OUTCOMES.index("false_positive")
    reason[rows] = false_positive_reason(
        engine.overlaps.same_class, engine.overlaps.other_class, query.iou_threshold
    )
    nowhere = outcome.excluded
    if engine.relevant is not None:
        nowhere = np.concatenate([nowhere, np.flatnonzero(~engine.relevant)])
    state[rows[nowhere]] = PREDICTION_OUTCOMES.index("ignored")
    reason[rows[nowhere]] = -1
    for name, taken, labels, overlap in (
        ("true_positive", outcome.true_positives, outcome.labels, outcome.iou),
        ("ignored", outcome.ignored, outcome.ignored_labels, outcome.ignored_iou),
    ):
        state[rows[taken]] = PREDICTION_OUTCOMES.index(name)
        reason[rows[taken]] = -1
        partner[rows[taken]] = engine.labels.row[labels]
        iou[rows[taken]] = overlap
    shown = mask[frame["class_name"].cat.codes.to_numpy()]
    codes = frame["class_name"].cat.codes.to_numpy().astype(np.intp)
    shown &= query.is_sure(frame["confidence"].to_numpy(), codes)
    table = frame[["prediction_id", "image_id", "class_name", "confidence"]].assign(
        outcome=pd.Categorical.from_codes(state, pd.Index(PREDICTION_OUTCOMES)),
        label_id=ids_of(dataset.frames.labels["label_id"], partner),
        iou=iou,
        reason=pd.Categorical.from_codes(reason, pd.Index(REASONS)),
    )
    return table[shown]


def label_table(
    dataset: Dataset, engine: Engine, outcome: Outcome, query: Query, mask: NDArray[np.bool_]
) -> pd.DataFrame:
    """Tabulate the labels; see :class:`Matches`."""
    frame = dataset.frames.labels
    rows, n = engine.labels.row, len(frame)
    state = np.full(n, LABEL_OUTCOMES.index("missed"), np.int8)
    partner, iou = np.full(n, -1, np.intp), np.zeros(n)
    state[rows[engine.labels.ignored]] = LABEL_OUTCOMES.index("ignored")
    state[rows[outcome.labels]] = LABEL_OUTCOMES.index("found")
    # A crowd may be taken many times: in reverse, the most confident prediction stays.
    for taken, labels, overlap in (
        (outcome.ignored[::-1], outcome.ignored_labels[::-1], outcome.ignored_iou[::-1]),
        (outcome.true_positives, outcome.labels, outcome.iou),
    ):
        partner[rows[labels]] = engine.predictions.row[taken]
        iou[rows[labels]] = overlap
    another = np.zeros(n, bool)
    another[rows] = labels_with_wrong_class(engine, query)
    reason = np.where(state == LABEL_OUTCOMES.index("missed"), np.where(another, 1, 0), -1).astype(
        np.int8
    )
    table = frame[["label_id", "image_id", "class_name"]].assign(
        outcome=pd.Categorical.from_codes(state, pd.Index(LABEL_OUTCOMES)),
        prediction_id=ids_of(dataset.frames.predictions["prediction_id"], partner),
        iou=iou,
        reason=pd.Categorical.from_codes(reason, pd.Index(LABEL_REASONS)),
    )
    # Labels without a class are ignored for every class: they are shown where all are.
    return table[np.append(mask, mask.all())[frame["class_name"].cat.codes.to_numpy()]]


def ids_of(ids: pd.Series, rows: NDArray[np.intp]) -> pd.Series:
    """Id at each row, missing where the row is -1; whole numbers stay whole."""
    if not len(ids):
        return pd.Series(pd.NA, index=range(len(rows)), dtype="Int64")
    taken = ids.iloc[np.maximum(rows, 0)].reset_index(drop=True)
    if pd.api.types.is_integer_dtype(taken.dtype):
        taken = taken.astype("Int64")
    return taken.mask(rows < 0)

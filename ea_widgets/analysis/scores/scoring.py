"""From counts per class to scores."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.checks import check_flag
from ea_widgets.analysis.scores.replicates import replicates_of, with_intervals
from ea_widgets.analysis.scores.scores import Scores
from ea_widgets.analysis.tabulate import tabulate

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query

COLUMNS = ("average_precision", "average_recall", "precision", "recall", "labels", "predictions")


def score(
    data: MatchedData,
    query: Query,
    *,
    settled: bool = False,
    should_stop: Callable[[], bool] | None = None,
) -> Scores:
    """Score the detector; kept for the next widget that asks. See :meth:`View.scores`."""

    def compute() -> Scores:
        engine, outcome, classes = data.engine, data.outcome(query), list(query.classes)
        class_code, n_classes = engine.predictions.class_code, engine.n_classes
        found = np.bincount(class_code[outcome.true_positives], minlength=n_classes)
        excluded = np.bincount(class_code[outcome.excluded], minlength=n_classes)
        scores = scores_from_counts(
            data.class_index[classes],
            found=found[classes],
            counted=(engine.predictions_per_class(query) - excluded)[classes],
            labels=engine.labels_per_class[classes],
            average_precision=engine.average_precision(outcome)[classes],
            predictions_total=data.n_predictions,
        )
        lacking = data.slice.lacking
        return one_sided(scores, lacking) if lacking else scores

    scored = data.answer("scores", query, compute)
    if check_flag("settled", settled):
        plain = scored
        scored = data.answer(
            "settled scores",
            query,
            lambda: with_intervals(plain, replicates_of(data, query, should_stop)),
        )
    # The table is the caller's to change; what is kept stays.
    return replace(scored, per_class=scored.per_class.copy())


def scores_from_counts(
    names: pd.Index,
    *,
    found: NDArray[np.int64],
    counted: NDArray[np.int64],
    labels: NDArray[np.int64],
    average_precision: NDArray[np.float64],
    predictions_total: int,
) -> Scores:
    """Make scores of counts per chosen class.

    Parameters
    ----------
    names : Index of str, named class_name
        The chosen classes in display order.
    found, counted, labels : ndarray of int64, shape (n_chosen,)
        True positives; true and false positives; labels that are not ignored.
    average_precision : ndarray of float64, shape (n_chosen,)
        NaN for classes without labels.
    predictions_total : int
        All predictions of the dataset.

    Returns
    -------
    Scores
    """
    recall = ratio(found, labels)
    precision = ratio(found, counted)
    columns = [average_precision, recall, precision, recall.copy(), labels, counted]
    per_class = tabulate(COLUMNS, columns, names)
    labelled = labels > 0
    n_tp, n_counted, n_labels = int(found.sum()), int(counted.sum()), int(labels.sum())
    return Scores(
        mean_average_precision=mean(average_precision[labelled]),
        mean_average_recall=mean(recall[labelled]),
        precision=n_tp / n_counted if n_counted else float("nan"),
        recall=n_tp / n_labels if n_labels else float("nan"),
        true_positives=n_tp,
        false_positives=n_counted - n_tp,
        false_negatives=n_labels - n_tp,
        per_class=per_class,
        predictions_used=n_counted,
        predictions_total=predictions_total,
        labels_used=n_labels,
    )


def one_sided(scores: Scores, lacking: str) -> Scores:
    """Leave out what cannot be known where only labels, or only predictions, have a metric.

    Parameters
    ----------
    scores : Scores
        Of a slice by that metric.
    lacking : {"P", "O"}
        Level of the objects that lack it.

    Returns
    -------
    Scores
        Without predictions: AP and precision are NaN, and no prediction is counted as wrong.
        Without labels: AP, AR and recall are NaN.
    """
    unknown = ("average_precision", "precision" if lacking == "P" else "recall")
    per_class = scores.per_class.copy()
    per_class[[*unknown, *(["average_recall"] if lacking == "O" else [])]] = math.nan
    if lacking == "P":
        return replace(
            scores, mean_average_precision=math.nan, precision=math.nan, per_class=per_class
        )
    return replace(
        scores,
        mean_average_precision=math.nan,
        mean_average_recall=math.nan,
        recall=math.nan,
        per_class=per_class,
    )


def ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Part / whole; NaN where the whole is 0."""
    result = np.full(len(whole), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


def mean(values: NDArray[np.float64]) -> float:
    """Mean of the values; NaN of none."""
    return float(values.mean()) if len(values) else float("nan")

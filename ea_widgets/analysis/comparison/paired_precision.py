"""Precision-recall curves of several models, with their differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.blas import one_blas_thread
from ea_widgets.analysis.comparison.paired_scores import p_values
from ea_widgets.analysis.scores.drawn_classes import DrawnClasses
from ea_widgets.analysis.scores.replicates import FEWEST_CLUSTERS
from ea_widgets.core.matching.average_precision import RECALL_LEVELS
from ea_widgets.core.matching.resampled_precision import resampled_curve
from ea_widgets.core.statistics.bootstrap import RESAMPLES
from ea_widgets.core.statistics.resampling import run_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.view import View

ENDS = ("difference_low", "difference_high", "p_value")


def precision_table(
    names: Sequence[str],
    views: Sequence[View],
    should_stop: Callable[[], bool] | None,
    *,
    settled: bool,
) -> pd.DataFrame:
    """Tabulate the curves; see :meth:`ComparisonView.precision_recall`.

    Notes
    -----
    Percentiles of the resamples as they are: where a curve ends, its precision falls to 0 in some
    of them, and correcting or centring what has two peaks covers less (83 %, 52 %; 88 % and more as
    it is).
    """
    tables = []
    for name, view in zip(names, views, strict=True):
        table = view.precision_recall()
        table.insert(0, "model", name)
        table["difference"] = np.nan
        tables.append(table)
    # Of the same classes in the same order, at the same levels: the models have the same labels.
    levels = [(table["kind"] == "interpolated").to_numpy() for table in tables]
    precision = [
        table.loc[at, "precision"].to_numpy() for table, at in zip(tables, levels, strict=True)
    ]
    for table, at, mine in zip(tables[1:], levels[1:], precision[1:], strict=True):
        table.loc[at, "difference"] = mine - precision[0]
    if settled:
        drawn = [drawn_curves(view, should_stop) for view in views]
        for table, at, (curves, n_clusters) in zip(tables, levels, drawn, strict=True):
            table[list(ENDS)] = np.nan
            if table is tables[0]:
                continue
            apart = curves - drawn[0][0]
            ends = np.quantile(apart, [0.025, 0.975], axis=0)
            low, high = np.fmin(ends[0], apart[0]), np.fmax(ends[1], apart[0])
            judged = (n_clusters >= FEWEST_CLUSTERS) & ~np.isnan(low)
            known = np.where(judged, [low, high, p_values(apart)], np.nan)
            table.loc[at, list(ENDS)] = known.T
    return pd.concat(tables, ignore_index=True)


def drawn_curves(
    view: View, should_stop: Callable[[], bool] | None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Trace the precision of each class with labels, of the data and of resampled clusters.

    Returns
    -------
    curves : ndarray of float64, shape (1 + 512, n_labelled * 101)
        At the recall levels of COCO, class after class; NaN without confidences.
    n_clusters : ndarray of int64, shape (n_labelled * 101,)
        Clusters with labels of that class.
    """
    data, query = view.matched_data, view.query
    clusters, outcome = data.clusters_of_images, data.outcome(query)
    drawn = DrawnClasses.of(data.engine, outcome, query, clusters, lambda _: RESAMPLES)
    labelled = drawn.labels[0] > 0
    curves = np.full((*drawn.labels.shape, len(RECALL_LEVELS)), np.nan)
    blocks = [] if data.engine.lacks_confidences else drawn.blocks()

    def trace(number: int) -> None:
        column, part = blocks[number]
        curves[part, column] = resampled_curve(*drawn.of_class(column, part))

    with one_blas_thread():
        run_blocks(trace, len(blocks), should_stop)
    n_clusters = np.repeat(drawn.labelled_clusters[labelled], len(RECALL_LEVELS))
    return curves[:, labelled].reshape(len(curves), -1), n_clusters

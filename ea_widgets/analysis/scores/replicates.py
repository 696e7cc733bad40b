"""Scores of resampled clusters: how far they would move with other images of the same kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.blas import one_blas_thread
from ea_widgets.analysis.scores.drawn_classes import DrawnClasses
from ea_widgets.core.matching.resampled_precision import resampled_precision
from ea_widgets.core.statistics.bias_corrected import bias_corrected_interval, rate_interval
from ea_widgets.core.statistics.bootstrap import RESAMPLES
from ea_widgets.core.statistics.resampling import run_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.matching import Engine, Outcome
    from ea_widgets.analysis.sample import Query
    from ea_widgets.analysis.scores.scores import Scores

SCORES = ("mean_average_precision", "mean_average_recall", "precision", "recall", "f1")
"""Scores of all chosen classes together, in the order of tables."""

FEWEST_CLUSTERS = 30
"""Labels in fewer clusters than this say too little for an interval."""

MOST_RESAMPLES = 4096
"""Where clusters are few, resamples are cheap, and 512 leave the ends of an interval uncertain.

Its width is then off by 4 % of itself (one standard deviation), which can hide what pairing is
worth; by 1.5 % with 4,096.
"""

MOST_WEIGHTS = 1 << 19
"""Resamples times clusters; of very many clusters, there are 512 resamples all the same."""


@dataclass(frozen=True, eq=False)
class Replicates:
    """Counts and AP of the chosen classes, of the data and of each resample of its clusters.

    The first row is the data themselves, the others are resamples.

    Attributes
    ----------
    average_precision : ndarray of float64, shape (1 + n_resamples, n_chosen)
        NaN where a class has no labels.
    found, counted, labels : ndarray of float64, shape (1 + n_resamples, n_chosen)
        True positives; true and false positives; labels that are not ignored.
    labelled_clusters : ndarray of int64, shape (n_chosen,)
        Clusters with labels, by class.
    n_clusters : int
        Clusters with labels of any chosen class.
    """

    average_precision: NDArray[np.float64]
    found: NDArray[np.float64]
    counted: NDArray[np.float64]
    labels: NDArray[np.float64]
    labelled_clusters: NDArray[np.int64]
    n_clusters: int

    @cached_property
    def of_classes(self) -> dict[str, NDArray[np.float64]]:
        """Scores by class; each of shape (1 + n_resamples, n_chosen)."""
        recall = _ratio(self.found, self.labels)
        return {
            "average_precision": self.average_precision,
            "average_recall": recall,
            "precision": _ratio(self.found, self.counted),
            "recall": recall,
        }

    @cached_property
    def of_all(self) -> dict[str, NDArray[np.float64]]:
        """Scores of all chosen classes together; each of shape (1 + n_resamples,)."""
        found, counted, labels = (
            counts.sum(axis=1) for counts in (self.found, self.counted, self.labels)
        )
        by_class = self.of_classes
        return {
            "mean_average_precision": _mean(by_class["average_precision"], self.labels),
            "mean_average_recall": _mean(by_class["average_recall"], self.labels),
            "precision": _ratio(found, counted),
            "recall": _ratio(found, labels),
            "f1": _ratio(2 * found, counted + labels),
        }


def replicates_of(
    data: MatchedData, query: Query, should_stop: Callable[[], bool] | None = None
) -> Replicates:
    """Score resamples of the clusters of some data."""
    clusters = data.clusters_of_images
    return replicate_scores(
        data.engine, data.outcome(query), query, clusters, should_stop=should_stop
    )


def resamples_of(n_clusters: int) -> int:
    """How many resamples are drawn of so many clusters: 512 to 4,096."""
    return int(np.clip(MOST_WEIGHTS // max(n_clusters, 1), RESAMPLES, MOST_RESAMPLES))


def replicate_scores(
    engine: Engine,
    outcome: Outcome,
    query: Query,
    cluster_of_image: NDArray[np.intp],
    *,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> Replicates:
    """Score the data, and resamples of its clusters.

    The same clusters are drawn for every evaluation of the same images, so that two models can be
    compared pair by pair.

    Parameters
    ----------
    engine : Engine
    outcome : Outcome
        What was matched under the query.
    query : Query
    cluster_of_image : ndarray of intp, shape (n_images,)
        By image code.
    should_stop, workers
        See :func:`run_blocks`.

    Returns
    -------
    Replicates
    """
    drawn = DrawnClasses.of(engine, outcome, query, cluster_of_image, resamples_of)
    precision = np.full(drawn.labels.shape, np.nan)
    blocks = [] if engine.lacks_confidences else drawn.blocks()

    def score(number: int) -> None:
        column, part = blocks[number]
        precision[part, column] = resampled_precision(*drawn.of_class(column, part))

    with one_blas_thread():
        run_blocks(score, len(blocks), should_stop, workers)
    return Replicates(
        precision,
        drawn.count(found=True),
        drawn.count(found=False),
        drawn.labels,
        drawn.labelled_clusters,
        drawn.n_clusters,
    )


def interval_of(
    replicates: NDArray[np.float64], n_clusters: NDArray[np.int64], *, rates: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % intervals of scores, or of differences between scores.

    Parameters
    ----------
    replicates : ndarray of float64, shape (1 + n_resamples, k)
        The scores of the data, then those of the resamples.
    n_clusters : ndarray of int64, shape (k,)
        Clusters with labels.
    rates : bool, default True
        Whether they are scores in [0, 1].

    Returns
    -------
    low, high : ndarray of float64, shape (k,)
        Wilson's where a rate is 0 or 1, as if each cluster were one object; NaN where there are
        fewer than 30 clusters with labels.
    """
    if rates:
        low, high = rate_interval(replicates, n_clusters)
    else:
        low, high = bias_corrected_interval(replicates[0], replicates[1:], n_clusters)
    few = n_clusters < FEWEST_CLUSTERS
    low[few], high[few] = np.nan, np.nan
    return low, high


def interval_fields(
    name: str,
    replicates: NDArray[np.float64],
    n_clusters: int,
    *,
    known: bool = True,
    rates: bool = True,
) -> dict[str, float]:
    """Name the ends of the interval of one score, or of one difference.

    Parameters
    ----------
    name : str
    replicates : ndarray of float64, shape (1 + n_resamples,)
    n_clusters : int
    known : bool, default True
        Whether there is such a score; NaN else.
    rates : bool, default True
        See :func:`interval_of`.

    Returns
    -------
    dict of str to float
        `<name>_low` and `<name>_high`.
    """
    ends = interval_of(replicates[:, None], np.array([n_clusters]), rates=rates)
    low, high = (float(end[0]) if known else np.nan for end in ends)
    return {f"{name}_low": low, f"{name}_high": high}


def with_intervals(scores: Scores, replicates: Replicates) -> Scores:
    """Add 95 % intervals to scores.

    Parameters
    ----------
    scores : Scores
    replicates : Replicates
        Of the same query.

    Returns
    -------
    Scores
        With `<name>_low` and `<name>_high`. Unknown scores, of a slice by what only labels or only
        predictions have, stay without.
    """
    ends: dict[str, Any] = {}
    for name, values in replicates.of_all.items():
        known = not np.isnan(getattr(scores, name))
        ends |= interval_fields(name, values, replicates.n_clusters, known=known)
    per_class = scores.per_class.copy()
    for name, values in replicates.of_classes.items():
        unknown = per_class[name].isna().to_numpy()
        for end, limits in zip(
            ("low", "high"), interval_of(values, replicates.labelled_clusters), strict=True
        ):
            per_class[f"{name}_{end}"] = np.where(unknown, np.nan, limits)
    return replace(scores, per_class=per_class, **ends)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    result = np.full(part.shape, np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


def _mean(values: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the classes with labels, resample by resample; NaN where no class has any."""
    known = labels > 0
    return _ratio(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1))

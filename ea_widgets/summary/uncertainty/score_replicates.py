"""Scores when the random groups of clusters are drawn again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.scores.replicates import Replicates
from ea_widgets.core.matching.binned_precision import binned_average_precision
from ea_widgets.core.matching.resampled_precision import resampled_precision
from ea_widgets.core.statistics.bootstrap import RESAMPLES
from ea_widgets.core.statistics.resampling import data_and_resamples, stop_if
from ea_widgets.summary.counts.clusters import count_clusters
from ea_widgets.summary.precision import counting_entries
from ea_widgets.summary.settings import N_GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from ea_widgets.summary.counts.class_counts import ClassCounts
    from ea_widgets.summary.precision import Ranked
    from ea_widgets.summary.settings import Settings

    Columns = tuple[
        NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]
    ]


def replicates(
    counts: Mapping[str, ClassCounts],
    classes: Sequence[str],
    ranked: Sequence[Ranked],
    settings: Settings,
    tick: int,
    levels: Sequence[int],
    should_stop: Callable[[], bool] | None = None,
) -> Replicates:
    """Score the data, and resamples of the groups of their clusters.

    Parameters
    ----------
    counts : mapping of str to ClassCounts
    classes : sequence of str
        Chosen classes.
    ranked : sequence of Ranked
        Their scores.
    settings : Settings
    tick : int
        Number of the IoU threshold.
    levels : sequence of int
        Number of the confidence level of each class.
    should_stop : callable, optional
        Asked between classes.

    Returns
    -------
    Replicates
    """
    weights = data_and_resamples(N_GROUPS, RESAMPLES)
    shape = len(weights), len(classes)
    precision, found, counted, labels = np.full(shape, np.nan), *np.zeros((3, *shape))
    of_clusters = np.zeros(len(classes), np.int64)
    sketches = []
    for column, (name, one, level) in enumerate(zip(classes, ranked, levels, strict=True)):
        stop_if(should_stop)
        own = counts.get(name)
        if own is None:
            continue
        parts = of_class(own, settings, tick, level, weights)
        precision[:, column], found[:, column], counted[:, column], labels[:, column] = parts
        # Known better than by the coarse bins.
        precision[:, column] += one.precision - precision[0, column]
        if one.labels:
            sketches.append(own.clusters["O0"])
            of_clusters[column] = count_clusters([own.clusters["O0"]])
    np.clip(precision, 0.0, 1.0, out=precision)
    return Replicates(precision, found, counted, labels, of_clusters, count_clusters(sketches))


def of_class(
    counts: ClassCounts, settings: Settings, tick: int, level: int, weights: NDArray[np.float32]
) -> Columns:
    """Score resamples of one class: AP, true positives, those that count, and labels."""
    by_group = counts.sums["groups.labels"].astype(np.int64)
    exact = weights.astype(np.float64)
    labels = np.rint(exact @ by_group).astype(np.int64)
    threshold = settings.confidence_thresholds[level - 1] if level else -math.inf
    if counts.entries is not None:
        there, hit = counting_entries(counts.entries, tick, threshold)
        of_group = counts.entries.group[there].astype(np.intp)
        precision = resampled_precision(hit, of_group, labels, weights)
        found, counted = (
            exact @ np.bincount(rows, minlength=N_GROUPS) for rows in (of_group[hit], of_group)
        )
        return precision, found, counted, labels.astype(np.float64)
    sums = counts.sums
    first = int(np.searchsorted(settings.coarse_edges, threshold)) + 1 if level else 0
    hits = sums["histogram.groups.found"][:, tick, first:].astype(np.float64)
    rows = sums["histogram.groups.counted"][:, first:].astype(np.float64)
    rows = rows - sums["histogram.groups.excluded"][:, tick, first:]
    drawn_hits, drawn = (exact @ part[:, ::-1] for part in (hits, rows))
    precision = binned_average_precision(drawn_hits, drawn, labels)
    return precision, drawn_hits.sum(axis=1), drawn.sum(axis=1), labels.astype(np.float64)

"""Precision over recall, class by class, from confidences that were kept or from their bins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.scores.precision_recall import KINDS
from ea_widgets.core.matching.average_precision import (
    RECALL_LEVELS,
    matches_needed,
    precision_envelope,
)
from ea_widgets.core.matching.binned_precision import binned_curve
from ea_widgets.summary.precision import binned_counts, counting_entries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ea_widgets.summary.counts.class_counts import ClassCounts
    from ea_widgets.summary.settings import Settings

    Points = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    """Recall, precision and confidence."""


def trace_precision(
    chosen: Mapping[str, tuple[ClassCounts, int]],
    settings: Settings,
    tick: int,
    class_names: tuple[str, ...],
    *,
    sure: bool,
) -> pd.DataFrame:
    """Tabulate the curves; see :meth:`SummaryView.precision_recall`.

    Parameters
    ----------
    chosen : mapping of str to (ClassCounts, int)
        Classes with objects, each with the number of its confidence level.
    settings : Settings
    tick : int
    class_names : tuple of str
        All classes, in display order.
    sure : bool
        Whether predictions have confidences, and so an order.
    """
    codes: list[NDArray[np.intp]] = []
    kinds: list[NDArray[np.intp]] = []
    points: list[NDArray[np.float64]] = []
    for name, (counts, level) in chosen.items():
        if not counts.sums["labels"][0]:
            continue
        of_class = in_bins if counts.entries is None else one_by_one
        for number, found in enumerate(of_class(counts, settings, tick, level)):
            codes.append(np.full(len(found[0]), class_names.index(name)))
            kinds.append(np.full(len(found[0]), number))
            points.append(np.stack(found))
    recall, precision, confidence = np.concatenate([*points, np.zeros((3, 0))], axis=1)
    if not sure:
        precision[:] = np.nan
    code = np.concatenate([*codes, np.zeros(0, np.intp)]).astype(np.intp)
    kind = np.concatenate([*kinds, np.zeros(0, np.intp)]).astype(np.intp)
    return pd.DataFrame(
        {
            "class_name": pd.Categorical.from_codes(code, pd.Index(class_names, dtype=object)),
            "kind": np.array(KINDS, object)[kind],
            "recall": recall,
            "precision": precision,
            "confidence": confidence,
        }
    )


def one_by_one(
    counts: ClassCounts, settings: Settings, tick: int, level: int
) -> tuple[Points, Points]:
    """Trace a class of which each confidence was kept, exactly."""
    entries = counts.entries
    assert entries is not None  # noqa: S101  # the caller looked
    labels = int(counts.sums["labels"][0])
    threshold = settings.confidence_thresholds[level - 1] if level else -math.inf
    there, hits = counting_entries(entries, tick, threshold)
    confidence = np.append(entries.confidence[there][hits], np.nan)
    rank = np.flatnonzero(hits)
    number = np.arange(1, len(rank) + 1)
    precision = number / (rank + 1 + np.spacing(1))
    envelope = np.append(precision_envelope(precision, number == 1), 0.0)
    needed = matches_needed(np.array([labels]))[0]
    place = np.where(needed <= len(rank), needed - 1, len(rank))
    return (
        (number / labels, precision, confidence[:-1]),
        (RECALL_LEVELS, envelope[place], confidence[place]),
    )


def in_bins(
    counts: ClassCounts, settings: Settings, tick: int, level: int
) -> tuple[Points, Points]:
    """Trace a class that was counted by bins of confidence, which go by their lower ends."""
    right, counted, labels = binned_counts([(counts, level)], settings, tick)
    edges = settings.confidence_edges
    low = np.append(edges[0], edges)[::-1]
    found, all_ = np.cumsum(right[0]), np.cumsum(counted[0])
    held = np.flatnonzero(right[0])
    highest, reached = binned_curve(right, counted, labels)
    confidence = np.where(reached[0] >= 0, low[reached[0]], np.nan)
    return (
        (found[held] / labels[0], found[held] / all_[held], low[held]),
        (RECALL_LEVELS, highest[0], confidence),
    )

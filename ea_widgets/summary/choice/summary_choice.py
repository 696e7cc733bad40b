"""What a summary is asked under: thresholds, classes, and the counts of these."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

from ea_widgets.analysis.sample import check_query
from ea_widgets.summary.choice.chosen_counts import ChosenCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from ea_widgets.analysis.vocabulary import Binning, Query
    from ea_widgets.summary.summary import Summary


class SummaryChoice:
    """A choice of thresholds and classes of a summary.

    Parameters
    ----------
    summary : Summary
    query : Query
    tick : int
        Number of the IoU threshold.
    levels : tuple of int
        Number of the confidence level of each chosen class.

    Attributes
    ----------
    counts : ChosenCounts
        What all answers are made of.
    """

    def __init__(self, summary: Summary, query: Query, tick: int, levels: tuple[int, ...]) -> None:
        self._summary = summary
        self._query = query
        self._tick = tick
        self._levels = levels
        self.counts = ChosenCounts(summary, query, tick, levels)

    @property
    def iou_thresholds(self) -> tuple[float, ...]:
        """All IoU thresholds that can be asked for."""
        return self._summary.iou_thresholds

    @property
    def query(self) -> Query:
        """Thresholds and classes, checked."""
        return self._query

    @property
    def iou_threshold(self) -> float:
        """The IoU threshold."""
        return self._query.iou_threshold

    @property
    def confidence_threshold(self) -> float | dict[str, float] | None:
        """The confidence threshold, one by class, or None for all predictions."""
        threshold = self._query.confidence_threshold
        if isinstance(threshold, tuple):
            return dict(zip(self.class_names, threshold, strict=True))
        return None if threshold == -math.inf else threshold

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The chosen classes, in display order."""
        names = self._summary.class_names
        return tuple(names[code] for code in self._query.classes)

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes, in display order."""
        return self._summary.class_names

    @property
    def metrics(self) -> pd.DataFrame:
        """One row per metric and level; see :attr:`Summary.metrics`."""
        return self._summary.metrics

    def binning(self) -> Binning:
        """Give the edges of every metric's bins; see :attr:`Summary.binning`."""
        return self._summary.binning


def choose(
    summary: Summary,
    iou_threshold: float,
    confidence_threshold: float | Mapping[str, float] | None,
    classes: Iterable[str],
) -> tuple[Query, int, tuple[int, ...]]:
    """Check what is asked for, and find where it was counted; see :meth:`Summary.at`.

    Returns
    -------
    query : Query
    tick : int
        Number of the IoU threshold.
    levels : tuple of int
        Number of the confidence level of each chosen class.
    """
    settings, span = summary.settings, summary.confidence_span
    query = check_query(iou_threshold, confidence_threshold, classes, summary.class_names, span)
    threshold = query.confidence_threshold
    by_class = threshold if isinstance(threshold, tuple) else None
    levels = tuple(
        settings.level(threshold if by_class is None else by_class[code])  # type: ignore[arg-type]
        for code in query.classes
    )
    return query, settings.tick(query.iou_threshold), levels

"""The answers of a summary to one query."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.scores.scoring import scores_from_counts
from ea_widgets.errors import NotAnswerableError
from ea_widgets.summary.counted import Counted, nothing, side_counts
from ea_widgets.summary.precision import Ranked, ranked
from ea_widgets.summary.ranking import level_of, ranking
from ea_widgets.summary.tracing import TracedSide, trace

if TYPE_CHECKING:
    from ea_widgets.analysis.curves.curve import Curve
    from ea_widgets.analysis.sample import Query
    from ea_widgets.analysis.scores import Scores
    from ea_widgets.core.counting.edges import Binning
    from ea_widgets.summary.summary import Summary

ANSWERS = ("scores", "importance", "curve", "binning")
"""Questions that a summary answers."""


class SummaryView:
    """A summary under one choice of thresholds and classes: ask it as often as you like.

    ``summary.at(...)`` makes one. It never changes.
    """

    def __init__(self, summary: Summary, query: Query, tick: int, levels: tuple[int, ...]) -> None:
        self._summary = summary
        self._query = query
        self._tick = tick
        self._levels = levels

    def __repr__(self) -> str:
        return f"SummaryView(IoU {self._query.iou_threshold:g}, {len(self._levels):,} classes)"

    @property
    def query(self) -> Query:
        """Thresholds and classes, checked."""
        return self._query

    @property
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

    @cached_property
    def _ranked(self) -> list[Ranked]:
        """Counts and AP of each chosen class."""
        settings, counts = self._summary.settings, self._summary.counts
        return [
            ranked(counts.get(name), settings, self._tick, level)
            for name, level in zip(self.classes, self._levels, strict=True)
        ]

    def scores(self) -> Scores:
        """Score the detector; see :meth:`View.scores`.

        Returns
        -------
        Scores
            Without intervals. Counts, precision, recall and AR are exact; AP is, where
            :meth:`average_precision_bounds` are equal.
        """
        of_classes = self._ranked
        found, counted, labels = (
            np.array([getattr(one, name) for one in of_classes], np.int64)
            for name in ("found", "counted", "labels")
        )
        precision = np.array([one.precision for one in of_classes])
        if self._summary.n_unsure:
            precision[:] = np.nan
        return scores_from_counts(
            pd.Index(self.classes, dtype=object, name="class_name"),
            found=found,
            counted=counted,
            labels=labels,
            average_precision=precision,
            predictions_total=self._summary.n_predictions,
        )

    def average_precision_bounds(self) -> pd.DataFrame:
        """Tell between which two numbers the AP of each class is.

        Returns
        -------
        DataFrame
            Index `class_name`, the chosen classes in display order; columns `low`, `high`. Equal
            for a class of fewer than 5,000 predictions, each of which is kept. Of others,
            confidences are known by bin only. NaN without labels.
        """
        bounds = [(one.low, one.high) for one in self._ranked]
        index = pd.Index(self.classes, dtype=object, name="class_name")
        return pd.DataFrame(bounds, index=index, columns=["low", "high"], dtype=np.float64)

    def importance(self, outcome: str = "true_positive", **options: Any) -> pd.DataFrame:
        """Rank the metrics by how much they tell about the outcome; see :meth:`View.importance`.

        Parameters
        ----------
        outcome : {"true_positive", "missed"}, default "true_positive"
        **options
            Those of :meth:`View.importance`; none can be answered.

        Returns
        -------
        DataFrame
            From at most 64 bins per metric: equal to what an evaluation gives for these bins.
            With its own finer bins it differs by less than 0.005 as a rule, and by up to 0.02
            of few labels, or where a threshold within a bin decides.

        Raises
        ------
        InvalidInputError
            If there is no such outcome.
        NotAnswerableError
            If an option is given.
        """
        level = level_of(outcome)
        for name, value in options.items():
            if value:
                raise NotAnswerableError(
                    name, f"is {value!r}", "A summary ranks the metrics without it: leave it out."
                )
        columns = self._summary.settings.columns(level)
        return ranking(self._together(level), columns, self.metrics.loc[list(columns)])

    def curve(self, metric: str, bins: int | Binning = 20, *, by_class: bool = False) -> Curve:
        """Show how the rates change with a metric; see :meth:`View.curve`.

        Parameters
        ----------
        metric : str
            Name, with or without the level.
        bins : int or Binning, default 20
            Most bins wanted; they are made of those that were counted. Or edges, of which all
            inner ones are edges of the summary's binning.
        by_class : bool, default False
            One curve per class, all with the same edges.

        Returns
        -------
        Curve
            `center` is the mean of the bin. `rate_low` and `rate_high` are NaN: a summary holds
            no counts by cluster.

        Raises
        ------
        InvalidInputError
            If the metric is unknown, or a number cannot be used.
        NotAnswerableError
            If edges are wanted at which was not counted.
        """
        sides = {}
        for level in ("P", "O"):
            n = sum(one.counted if level == "P" else one.labels for one in self._ranked)
            found = sum(one.found for one in self._ranked)
            by_name = {name: self._of_class(name, level) for name in self.classes if by_class}
            hits = found if level == "P" else n - found
            sides[level] = TracedSide(self._together(level), by_name, n, hits)
        return trace(self._summary.settings, self.metrics, sides, metric, bins, by_class=by_class)

    def _of_class(self, name: str, level: str) -> Counted | None:
        counts = self._summary.counts.get(name)
        if counts is None:
            return None
        number = self._levels[self.classes.index(name)]
        return side_counts(counts, self._summary.settings, level, self._tick, number)

    def _together(self, level: str) -> Counted:
        """Add the counts of the chosen classes."""
        total = nothing(self._summary.settings, level)
        for name, at in zip(self.classes, self._levels, strict=True):
            counts = self._summary.counts.get(name)
            if counts is not None:
                total += side_counts(counts, self._summary.settings, level, self._tick, at)
        return total

"""Rates of the outcome in ranges of a metric that were chosen for their rates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.core.statistics.exchangeable import icc
from ea_widgets.core.statistics.intervals import design_effect, t_quantile, wilson_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.sample import Sample
    from ea_widgets.core.statistics.binning import RankedColumn

FEWEST_CLUSTERS = 10
"""Clusters of a range that is described: the rate in fewer says little about others."""

Z_CHOSEN = 2.394
"""Standard normal quantile of the intervals: each range is chosen for its rate, as if from three.

By Bonferroni 98.3 % each; with 95 % each, 76 to 91 % of the intervals held the truth."""

SHARED_WEIGHT = 4
"""Clusters whose own variance is worth as much as the correlation within all clusters."""


@dataclass(frozen=True, eq=False)
class RangeRates:
    """Rates of the outcome of a sample by one metric.

    Attributes
    ----------
    sample : Sample
    metric : str
        Displayed name.
    """

    sample: Sample
    metric: str

    @cached_property
    def column(self) -> RankedColumn:
        """The metric's values among the rows that count."""
        return self.sample.selection.side.metrics[self.metric].take(self.sample.rows)

    @property
    def names(self) -> tuple[Any, ...]:
        """Categories of the metric, by code, which is its value then; none of numbers."""
        return self.sample.selection.side.categories.get(self.metric, ())

    @cached_property
    def value(self) -> NDArray[np.float64]:
        """Value of each row that counts; NaN where missing."""
        return self.column.spread(np.append(self.column.values, np.nan))

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Whether each row that counts has a value."""
        return ~np.isnan(self.value)

    @cached_property
    def average(self) -> float:
        """Rate of the outcome among the rows with a value; NaN if there are none."""
        return float(self.sample.hit[self.present].mean()) if self.present.any() else float("nan")

    @cached_property
    def n_errors(self) -> int:
        """False positives, or missed labels, among the rows with a value."""
        return int(self.sample.error[self.present].sum())

    def rate(self, inside: NDArray[np.bool_]) -> tuple[float, float, float, float]:
        """Rate of the outcome in some rows, its 95 % interval and its standard error.

        Without an interval, from 0 to 1, where there are too few clusters to tell.
        """
        n, hits = float(inside.sum()), self.sample.hit[inside].astype(np.float64)
        per_cluster = np.bincount(self.sample.cluster[inside])
        n_clusters = int((per_cluster > 0).sum())
        rate = float(hits.mean())
        if n_clusters < FEWEST_CLUSTERS:
            return rate, 0.0, 1.0, np.inf
        squares = float((per_cluster.astype(np.float64) ** 2).sum())
        effect = 1 + self._icc(inside) * max(squares / n - 1, 0.0)
        if 0 < rate < 1:
            own = design_effect(
                np.bincount(self.sample.cluster[inside], hits).astype(np.float64),
                per_cluster.astype(np.float64),
                np.zeros(1, np.intp),
            )
            weight = n_clusters - 1
            effect = (weight * float(own[0]) + SHARED_WEIGHT * effect) / (weight + SHARED_WEIGHT)
        # The degrees of freedom of clusters of very different sizes.
        z = t_quantile(max(n**2 / squares - 1, 3.0), Z_CHOSEN)
        low, high = wilson_interval(np.array([rate]), np.array([n / effect]), z)
        # At the average's variance: that of a rate of 0 would be 0.
        error = np.sqrt(self.average * (1 - self.average) * effect / n)
        return rate, float(low[0]), float(high[0]), float(error)

    def _icc(self, inside: NDArray[np.bool_]) -> float:
        """Intraclass correlation within some rows and within the others."""
        stratum = (~inside[self.present]).astype(np.intp)
        n_clusters = int(self.sample.cluster.max()) + 1
        cell = stratum * n_clusters + self.sample.cluster[self.present]
        sizes = np.bincount(cell)
        hits = np.bincount(cell, self.sample.hit[self.present]).astype(np.int64)
        there = np.flatnonzero(sizes)
        return icc(hits[there], sizes[there], there // n_clusters)

"""Edges of bins from the objects with the smallest hashes: the same whatever the split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.counting.edges import Binning
from ea_widgets.core.counting.weighted_bins import weighted_edges
from ea_widgets.errors import SummaryMismatchError
from ea_widgets.summary.counts.sides import ObjectHashes, counting_rows
from ea_widgets.summary.counts.values import values_of
from ea_widgets.summary.settings import MOST_BINS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData

SIZE = 1 << 14
"""Predictions, and labels, in a sample: a 64th of them is known to about 6 %."""


@dataclass(frozen=True, eq=False)
class BottomSample:
    """The predictions or labels with the smallest hashes.

    Attributes
    ----------
    names : tuple of str
        Displayed names of their metrics, sorted.
    hashes : ndarray of uint64, shape (n,)
        Ascending; at most 16,384.
    values : ndarray of float64, shape (n, n_metrics)
    confidence : ndarray of float64, shape (n,)
        NaN for labels.
    """

    names: tuple[str, ...]
    hashes: NDArray[np.uint64]
    values: NDArray[np.float64]
    confidence: NDArray[np.float64]

    @classmethod
    def of(cls, data: MatchedData, level: str) -> BottomSample:
        """Draw it from the predictions ("P") or labels ("O") of a part."""
        rows = counting_rows(data, level)
        hashes = ObjectHashes.of(data, level, rows).of_objects
        first = np.argsort(hashes, kind="stable")[:SIZE]
        metrics = data.metrics
        numeric = metrics["level"].isin(["F", level]) & (metrics["kind"] == "numeric")
        names = tuple(sorted(metrics.index[numeric]))
        columns = [values_of(data, level, name, rows[first]) for name in names]
        values = np.stack(columns, axis=1) if names else np.zeros((len(first), 0))
        confidence = np.full(len(first), np.nan)
        if level == "P":
            confidence = data.engine.predictions.confidence[rows[first]].astype(np.float64)
        return cls(names, hashes[first], values, confidence)

    def __add__(self, other: BottomSample) -> BottomSample:
        """Merge the sample of other images; one without objects may lack metrics."""
        for one, two in ((self, other), (other, self)):
            if not len(one.hashes) and {*one.names} <= {*two.names}:
                return two
        if self.names != other.names:
            differ = ", ".join(sorted(set(self.names) ^ set(other.names)))
            raise SummaryMismatchError(
                "parts",
                f"have other metrics: {differ}",
                "Compute the same metrics for all of them, or give a binning.",
            )
        hashes = np.concatenate([self.hashes, other.hashes])
        first = np.argsort(hashes, kind="stable")[:SIZE]
        values = np.concatenate([self.values, other.values])[first]
        confidence = np.concatenate([self.confidence, other.confidence])[first]
        return BottomSample(self.names, hashes[first], values, confidence)

    def edges(self, thresholds: tuple[float, ...]) -> dict[str, tuple[float, ...]]:
        """Give the edges of at most 64 bins by metric.

        Parameters
        ----------
        thresholds : tuple of float
            Of confidence. Those of the objects that are left from each on weigh as much together
            as all of them do: else the few that are right and sure would be in a few bins.

        Returns
        -------
        dict of str to tuple of float
            Only metrics with values. A value that many objects have is in a bin by itself.
        """
        weight = np.full(len(self.hashes), 1 / max(len(self.hashes), 1))
        for threshold in thresholds:
            there = self.confidence >= threshold
            weight += there / max(int(there.sum()), 1)
        columns = zip(self.names, self.values.T, strict=True)
        found = {name: weighted_edges(values, weight, MOST_BINS) for name, values in columns}
        return {name: edges for name, edges in found.items() if edges}


def binning_of(
    labels: BottomSample, predictions: BottomSample, thresholds: tuple[float, ...]
) -> Binning:
    """Give the edges of all metrics; those of images go by predictions, where there are any."""
    return Binning({**labels.edges(thresholds), **predictions.edges(thresholds)})

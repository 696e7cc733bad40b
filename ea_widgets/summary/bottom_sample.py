"""Edges of bins from the objects with the smallest hashes: the same whatever the split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.counting.binning import RankedColumn, equal_count_bins
from ea_widgets.core.counting.edges import Binning
from ea_widgets.errors import SummaryMismatchError
from ea_widgets.summary.counts.counting import ObjectHashes, everything, values_of
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
    """

    names: tuple[str, ...]
    hashes: NDArray[np.uint64]
    values: NDArray[np.float64]

    @classmethod
    def of(cls, data: MatchedData, level: str) -> BottomSample:
        """Draw it from the predictions ("P") or labels ("O") of a part."""
        engine, table, query = data.engine, data.tables[level], everything(data)
        rows = engine.chosen_predictions(query) if level == "P" else data.selection("O", query).rows
        hashes = ObjectHashes.of(data, level, rows).of_objects
        first = np.argsort(hashes, kind="stable")[:SIZE]
        names = tuple(sorted(name for name in table.names if name not in table.categories))
        columns = [values_of(data, level, name, rows[first]) for name in names]
        values = np.stack(columns, axis=1) if names else np.zeros((len(first), 0))
        return cls(names, hashes[first], values)

    def __add__(self, other: BottomSample) -> BottomSample:
        """Merge the sample of other images."""
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
        return BottomSample(self.names, hashes[first], values)

    def edges(self) -> dict[str, tuple[float, ...]]:
        """Give the edges of at most 64 bins of about equally many objects, by metric."""
        edges = {}
        for number, name in enumerate(self.names):
            column = RankedColumn.of(self.values[:, number])
            bins = equal_count_bins(column.values, column.counts, MOST_BINS)
            if bins.n_bins:
                edges[name] = (*bins.low.tolist(), float(bins.high[-1]))
        return edges


def binning_of(labels: BottomSample, predictions: BottomSample) -> Binning:
    """Give the edges of all metrics; those of images go by predictions, where there are any."""
    return Binning({**labels.edges(), **predictions.edges()})

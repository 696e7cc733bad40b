"""Null data sets: the importance of metrics when the outcomes of whole clusters are exchanged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.exchangeable import ExchangeableClusters
from ea_widgets.core.statistics.importance import BinCounts
from ea_widgets.core.statistics.null_distribution import (
    exchange_outcomes,
    null_importance,
    permuted_counts,
)
from ea_widgets.core.statistics.resampling import SEED, stop_if

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample import Sample


@dataclass(frozen=True, eq=False)
class NullDatasets:
    """Numbered data sets in which no metric has anything to do with the outcome.

    Values stay where they are, and images exchange their outcomes. Where clusters have several
    images, image i of a cluster gets the outcomes of image i of another cluster (cycled to its
    length), so that all that images of a cluster have in common stays together. Images of a
    cluster are in the order of their ids, which is the order of time where ids are numbered so.

    Attributes
    ----------
    sample : Sample
    """

    sample: Sample

    @cached_property
    def _is_rare(self) -> bool:
        """Whether at most half of the rows have the outcome: the rarer one is exchanged."""
        return 2 * len(self.sample.successes) <= len(self.sample.by_image.order)

    @cached_property
    def _images(self) -> ExchangeableClusters:
        sizes, hits = self.sample.by_image.sizes, self.sample.hits_per_image
        return ExchangeableClusters.by_quantile(hits if self._is_rare else sizes - hits, sizes)

    @cached_property
    def _image_codes(self) -> NDArray[np.intp]:
        return np.ascontiguousarray(self.sample.clustered.image_codes[:, self.sample.images])

    @cached_property
    def _object_codes(self) -> NDArray[np.uint16]:
        """Fine bins of the rows of ``sample.by_image``."""
        codes, kept = self.sample.clustered.object_codes, self.sample.kept_positions
        return codes if kept is None else codes.take(kept, axis=1)

    def prepare(self) -> None:
        """Make what several threads are going to look at: each would make it for itself."""
        self.sample.clustered.prepare()
        _ = self._images, self._image_codes, self._object_codes, self.sample.by_image.sizes

    def _permute(self, generator: np.random.Generator) -> NDArray[np.intp]:
        """Image whose outcomes each image gets, after permuting the clusters."""
        start, n_images = self.sample.cluster_start, len(self.sample.images)
        donor = generator.permutation(len(start))
        if self.sample.clusters_are_images:
            return donor
        length = np.diff(np.append(start, n_images))
        cluster = np.repeat(np.arange(len(start)), length)
        among = np.arange(n_images) - start[cluster]
        images: NDArray[np.intp] = start[donor][cluster] + among % length[donor][cluster]
        return images

    def importance(
        self,
        metrics: NDArray[np.intp],
        numbers: range,
        should_stop: Callable[[], bool] | None = None,
    ) -> NDArray[np.float64]:
        """Compute the importance of metrics in some of the data sets.

        Parameters
        ----------
        metrics : ndarray of intp
        numbers : range
            Of the data sets.
        should_stop : callable, optional
            Asked between metrics.

        Returns
        -------
        ndarray of float64, shape (len(metrics), len(numbers))
        """
        sample, n_bins = self.sample, self.sample.selection.n_bins
        n_image_metrics = len(self._image_codes)
        of_images = metrics < n_image_metrics
        result = np.zeros((len(metrics), len(numbers)))
        streams = [np.random.default_rng([SEED, number]) for number in numbers]
        if of_images.any():
            chosen = metrics[of_images]
            codes, totals = self._image_codes[chosen], sample.counts.totals[chosen]
            for column, stream in enumerate(streams):
                stop_if(should_stop)
                donor = self._permute(stream)
                counted = permuted_counts(codes, self._images, donor, n_bins, stream)
                result[of_images, column] = self._from(counted, totals, chosen)
        rows = np.flatnonzero(~of_images)
        if len(rows):
            positions = [self._shift(stream, should_stop) for stream in streams]
            for row in rows.tolist():
                stop_if(should_stop)
                codes = self._object_codes[metrics[row] - n_image_metrics]
                counted = np.array(
                    [np.bincount(codes[moved], minlength=n_bins + 1) for moved in positions]
                )[:, :n_bins]
                chosen = metrics[[row]]
                result[row] = self._from(counted, sample.counts.totals[chosen], chosen)
        return result

    def _shift(
        self, generator: np.random.Generator, should_stop: Callable[[], bool] | None
    ) -> NDArray[np.intp]:
        """Positions in the order of ``sample.by_image`` that have the exchanged outcome."""
        stop_if(should_stop)
        rows = self.sample.by_image
        shifted = self.sample.clusters_are_images
        donor = rows.circular_shift(generator) if shifted else self._permute(generator)
        return exchange_outcomes(rows, self._images, donor, generator)

    def _from(
        self,
        counted: NDArray[np.int64],
        totals: NDArray[np.int64],
        metrics: NDArray[np.intp],
    ) -> NDArray[np.float64]:
        kinds = self.sample.counts.categorical
        categorical = None if kinds is None else kinds[metrics]
        hits = counted if self._is_rare else totals - counted
        return null_importance(BinCounts(hits, totals, categorical))

"""Null data sets: the importance of metrics when the outcomes of whole clusters are exchanged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.importance.importance import BinCounts
from ea_widgets.core.statistics.exchangeable import ExchangeableClusters
from ea_widgets.core.statistics.null_distribution import (
    exchange_outcomes,
    null_importance,
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
        n_image_metrics, n_bins = len(self._image_codes), self.sample.selection.n_bins
        of_images = metrics < n_image_metrics
        result = np.zeros((len(metrics), len(numbers)))
        streams = [np.random.default_rng([SEED, number]) for number in numbers]
        counted = np.empty((len(numbers), n_bins + 1), np.int64)
        if of_images.any():
            # Values stay with the size of their image: a metric that goes with the number of
            # objects has few huge images in one bin, whose rate varies more than that of many.
            donor, (u,) = self._draw(streams, 1, shifted=False)
            hits = self._images.transfer(donor, u).astype(np.float64)
        if not of_images.all():
            donor, u = self._draw(streams, 2, shifted=self.sample.clusters_are_images)
            stop_if(should_stop)
            moved, ends = exchange_outcomes(self.sample.by_image, self._images, donor, u)
        for row, metric in enumerate(metrics.tolist()):
            stop_if(should_stop)
            if of_images[row]:
                code = self._image_codes[metric]
                for number, weights in enumerate(hits):
                    counted[number] = np.bincount(code, weights, n_bins + 1)
            else:
                codes = self._object_codes[metric - n_image_metrics].take(moved)
                for number in range(len(numbers)):
                    part = codes[ends[number] : ends[number + 1]]
                    counted[number] = np.bincount(part, minlength=n_bins + 1)
            result[row] = self._from(counted[:, :n_bins], metric)
        return result

    def _draw(
        self, streams: list[np.random.Generator], n: int, *, shifted: bool
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Draw the donor of each image, and `n` uniform numbers of each, by data set."""
        rows = self.sample.by_image
        donor = np.empty((len(streams), len(self.sample.images)), np.intp)
        u = np.empty((n, *donor.shape))
        for number, stream in enumerate(streams):
            donor[number] = rows.circular_shift(stream) if shifted else self._permute(stream)
            u[:, number] = stream.random((n, donor.shape[1]))
        return donor, u

    def _from(self, counted: NDArray[np.int64], metric: int) -> NDArray[np.float64]:
        kinds, totals = self.sample.counts.categorical, self.sample.counts.totals[[metric]]
        categorical = None if kinds is None else kinds[[metric]]
        hits = counted if self._is_rare else totals - counted
        return null_importance(BinCounts(hits, totals, categorical))

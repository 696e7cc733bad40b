"""Rows that are compared with their own average: all that count, or those of one class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.sample import BINS, RangeBins, bin_for_ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample import Sample

ALL_CLASSES = -1

LEAST_SHARE = 0.005
"""Smallest share of all errors for which a class is looked at by itself."""


@dataclass(frozen=True, eq=False)
class Group:
    """Rows of a sample, in the bins that ranges are made of.

    Attributes
    ----------
    sample : Sample
    class_code : int
        `ALL_CLASSES` for all of them together.
    index : ndarray of intp or slice
        Which of the rows that count are in the group.
    bins : RangeBins
    """

    sample: Sample
    class_code: int
    index: NDArray[np.intp] | slice
    bins: RangeBins

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """Rows of the table, shape (n,)."""
        return self.sample.rows[self.index]

    @cached_property
    def error(self) -> NDArray[np.bool_]:
        """Whether each row is an error, shape (n,)."""
        return self.sample.error[self.index]

    def scores(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Score all runs of bins, (n_metrics, BINS + 1, BINS + 1); see :func:`run_scores`."""
        return self.bins.runs.scores(*self.errors)

    @cached_property
    def errors(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Errors with a value, by bin and by cluster: (n_metrics, BINS), (n_metrics, n_clusters).

        The rows of the rarer outcome are counted.
        """
        of_errors = 2 * int(np.count_nonzero(self.error)) <= len(self.error)
        positions = self.bins.at(np.flatnonzero(self.error == of_errors))
        cluster, n_clusters = self.bins.cluster[positions], self.bins.n_clusters
        per_bin = np.empty((len(self.bins.code), BINS + 1), np.int64)
        per_cluster = np.empty((len(per_bin), n_clusters), np.int64)
        per_cluster[:] = np.bincount(cluster, minlength=n_clusters)
        for metric, codes in enumerate(self.bins.code):
            code = codes.take(positions)
            per_bin[metric] = np.bincount(code, minlength=BINS + 1)
            if per_bin[metric, BINS]:
                per_cluster[metric] -= np.bincount(cluster[code == BINS], minlength=n_clusters)
        if of_errors:
            return per_bin[:, :BINS], per_cluster
        runs = self.bins.runs
        return runs.per_bin - per_bin[:, :BINS], runs.per_cluster - per_cluster

    def inside(
        self, metric: int, first: int, last: int, *, but_one: bool = False
    ) -> NDArray[np.bool_]:
        """Tell which rows are in a run of bins, both ends included, or in all others; (n,)."""
        code = self.bins.code_of(metric)
        if but_one:
            return np.asarray((code != first) & (code < BINS))
        return np.asarray((code >= first) & (code <= last))


def groups_of(sample: Sample, *, by_class: bool = False) -> list[Group]:
    """Make the group of all rows that count, and then those of the classes with enough errors.

    Parameters
    ----------
    sample : Sample
    by_class : bool, default False

    Returns
    -------
    list of Group
        Without those where the outcome does not vary.
    """
    bins = sample.selection.range_bins
    if len(sample.excluded):
        bins = bins.without(sample.selection.positions(sample.excluded))
    groups = [Group(sample, ALL_CLASSES, slice(None), bins)]
    if by_class:
        code = sample.selection.side.class_code[sample.rows]
        errors = np.bincount(code[sample.error])
        few = max(LEAST_SHARE * sample.n_errors, 1)
        groups += [class_group(sample, code, one) for one in np.flatnonzero(errors >= few).tolist()]
    return [group for group in groups if group.error.any() and not group.error.all()]


def class_group(sample: Sample, code: NDArray[np.intp], class_code: int) -> Group:
    """Bin the rows of one class by themselves."""
    index, selection = np.flatnonzero(code == class_code), sample.selection
    positions = sample.counted[index]
    bins = bin_for_ranges(
        lambda metric: selection.fine_bins(metric)[positions],
        len(sample.names),
        selection.n_bins,
        sample.cluster[index],
        selection.pools,
    )
    return Group(sample, class_code, index, bins)

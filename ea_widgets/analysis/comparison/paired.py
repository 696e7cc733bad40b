"""The rows of two models side by side: how often each is wrong, by cluster and bin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.core.statistics.resampling import MOST_DRAWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.object_table import MetricTable
    from ea_widgets.analysis.sample.sample import Sample

FEWEST_IN_CATEGORY = 20
"""Rows, of both models on average, that a category must have to be looked at by itself."""


@dataclass(frozen=True, eq=False)
class Pair:
    """Rows of the baseline and of another model that count: labels, or predictions.

    Attributes
    ----------
    samples : tuple of Sample
        The baseline's, the other's.
    cluster : tuple of ndarray of intp
        Cluster of each row that counts; where there are very many, several have one number.
    n_clusters : int
    """

    samples: tuple[Sample, Sample]
    cluster: tuple[NDArray[np.intp], NDArray[np.intp]]
    n_clusters: int

    @classmethod
    def of(cls, baseline: Sample, other: Sample) -> Pair:
        """Put two samples of the same images side by side."""
        samples = (baseline, other)
        n_clusters = min(baseline.selection.side.n_clusters, MOST_DRAWN)
        cluster = [sample.cluster % max(n_clusters, 1) for sample in samples]
        return cls(samples, (cluster[0], cluster[1]), n_clusters)

    @property
    def missed(self) -> bool:
        """Whether the rows are labels."""
        return self.samples[0].missed

    def column(self, name: str) -> PairedColumn:
        """Give the values of a metric, on one scale for both models."""
        scale = Scale.of([sample.selection.side for sample in self.samples], name)
        ranks = [scale.ranks(number, sample) for number, sample in enumerate(self.samples)]
        return PairedColumn(name, scale.distinct, (ranks[0], ranks[1]), scale.categories)

    def by_class(self, class_names: tuple[str, ...]) -> PairedColumn:
        """Give the class as if it were a metric; names by code."""
        ranks = [sample.selection.side.class_code[sample.rows] for sample in self.samples]
        values = np.arange(len(class_names), dtype=np.float64)
        return PairedColumn("Class", values, (ranks[0], ranks[1]), class_names)

    def counts(
        self, codes: tuple[NDArray[np.intp], NDArray[np.intp]], n_bins: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Count rows and errors of both models by cluster and bin.

        Parameters
        ----------
        codes : tuple of ndarray of intp
            Bin of each row that counts, `n_bins` where it has none.
        n_bins : int

        Returns
        -------
        rows, errors : ndarray of float64, shape (2, n_clusters, n_bins)
        """
        shape, size = (self.n_clusters, n_bins + 1), self.n_clusters * (n_bins + 1)
        rows, errors = np.zeros((2, 2, self.n_clusters, n_bins))
        for model, sample in enumerate(self.samples):
            cell = self.cluster[model] * (n_bins + 1) + codes[model]
            rows[model] = np.bincount(cell, minlength=size).reshape(shape)[:, :-1]
            wrong = cell[sample.error]
            errors[model] = np.bincount(wrong, minlength=size).reshape(shape)[:, :-1]
        return rows, errors


@dataclass(frozen=True, eq=False)
class Scale:
    """All values of a metric that several models have, whatever is chosen.

    Attributes
    ----------
    name : str
        Displayed name.
    distinct : ndarray of float64, shape (n_values,)
        Ascending; codes of categories.
    of_rank : tuple of ndarray of intp
        For each model, the position of each of its own values, and ``n_values`` for a missing one.
    categories : tuple or None
        Names of the categories.
    """

    name: str
    distinct: NDArray[np.float64]
    of_rank: tuple[NDArray[np.intp], ...]
    categories: tuple[Any, ...] | None

    @classmethod
    def of(cls, sides: Sequence[MetricTable], name: str) -> Scale:
        """Put the values of the objects of several models on one scale."""
        columns = [side.metrics[name] for side in sides]
        known = [side.categories.get(name) for side in sides]
        names: tuple[Any, ...] | None = None
        if any(one is None for one in known):
            # Each is in order, and a stable sort only merges what is.
            together = np.concatenate([column.values for column in columns])
            order = np.argsort(together, kind="stable")
            ascending = together[order]
            new = np.append(True, ascending[1:] != ascending[:-1])[: len(ascending)]
            values, place = ascending[new], np.empty(len(order), np.intp)
            place[order] = np.cumsum(new) - 1
            places = np.split(place, np.cumsum([len(column.values) for column in columns])[:-1])
        else:
            names = tuple(dict.fromkeys(category for one in known for category in one or ()))
            code = {category: number for number, category in enumerate(names)}
            values = np.arange(len(names), dtype=np.float64)
            places = [np.array([code[each] for each in one or ()], np.intp) for one in known]
        return cls(name, values, tuple(np.append(one, len(values)) for one in places), names)

    def ranks(self, number: int, sample: Sample) -> NDArray[np.intp]:
        """Position of the value of each row that counts, of one of the models."""
        column, rows = sample.selection.side.metrics[self.name], sample.rows
        rank = column.rank[rows] if column.unit is None else column.rank[column.unit[rows]]
        return self.of_rank[number][rank]


@dataclass(frozen=True, eq=False)
class PairedColumn:
    """A metric of the rows of two models.

    Attributes
    ----------
    name : str
        Displayed name, or "Class".
    distinct : ndarray of float64, shape (n_values,)
        Distinct values of both models, ascending; codes of categories.
    ranks : tuple of ndarray of intp
        Position of each row's value, ``n_values`` where it is missing.
    categories : tuple or None
        Names of the categories.
    """

    name: str
    distinct: NDArray[np.float64]
    ranks: tuple[NDArray[np.intp], NDArray[np.intp]]
    categories: tuple[Any, ...] | None

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows of both models by distinct value, missing ones last; shape (n_values + 1,)."""
        size = len(self.distinct) + 1
        both = [np.bincount(rank, minlength=size) for rank in self.ranks]
        return both[0] + both[1]


@dataclass(frozen=True, eq=False)
class Differences:
    """Rates of two models in some bins, and how sure their differences are.

    Attributes
    ----------
    n : ndarray of float64, shape (2, n_bins)
        Rows of the baseline and of the other model.
    rate : ndarray of float64, shape (2, n_bins)
        NaN without rows.
    error : ndarray of float64, shape (n_bins,)
        Paired standard error of the difference, from what each cluster adds to it; infinite
        where rows are in a single cluster.
    n_clusters : ndarray of int64, shape (n_bins,)
        Clusters with rows of either model.
    """

    n: NDArray[np.float64]
    rate: NDArray[np.float64]
    error: NDArray[np.float64]
    n_clusters: NDArray[np.int64]

    @property
    def difference(self) -> NDArray[np.float64]:
        """The other model's rate less the baseline's, shape (n_bins,)."""
        difference: NDArray[np.float64] = self.rate[1] - self.rate[0]
        return difference

    @classmethod
    def of(cls, rows: NDArray[np.float64], hits: NDArray[np.float64]) -> Differences:
        """Compare the rates of counts by model, cluster and bin; see :meth:`Pair.counts`."""
        n = rows.sum(axis=1)
        rate = np.divide(hits.sum(axis=1), n, out=np.full(n.shape, np.nan), where=n > 0)
        influence = (hits - np.nan_to_num(rate)[:, None] * rows) / np.maximum(n, 1)[:, None]
        squares = ((influence[1] - influence[0]) ** 2).sum(axis=0)
        n_clusters = (rows.sum(axis=0) > 0).sum(axis=0)
        few = n_clusters < 2
        factor = n_clusters / np.where(few, 1, n_clusters - 1)
        return cls(n, rate, np.where(few, np.inf, np.sqrt(squares * factor)), n_clusters)


def excess_sums(
    rows: NDArray[np.float64], errors: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Say what each cluster adds to the difference of the error rates, bin by bin.

    Parameters
    ----------
    rows, errors : ndarray of float64, shape (2, n_clusters, n_bins)
        Of the baseline and the other model.

    Returns
    -------
    sums : ndarray of float64, shape (n_clusters, n_bins)
        Errors of the other model beyond the rate of both in that bin, less those of the baseline:
        a swap of the models in a cluster changes the sign.
    weights : ndarray of float64, shape (4, n_bins)
        How a difference would spread over the bins if it came with each row, with each error or
        with each success; then zeros, for the difference itself.
    """
    n, wrong = rows.sum(axis=(0, 1)), errors.sum(axis=(0, 1))
    rate = np.divide(wrong, n, out=np.zeros(len(n)), where=n > 0)
    beyond = errors - rate * rows
    return beyond[1] - beyond[0], np.stack([n, wrong, n - wrong, np.zeros(len(n))])

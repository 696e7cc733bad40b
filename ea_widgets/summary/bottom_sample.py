"""Edges of bins from the objects with the smallest hashes: the same whatever the split."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.sample import OTHER
from ea_widgets.core.counting.edges import Binning
from ea_widgets.core.counting.weighted_bins import weighted_edges
from ea_widgets.errors import SummaryMismatchError
from ea_widgets.summary.counts.sides import ObjectHashes, counting_rows
from ea_widgets.summary.counts.values import metric_column, values_of
from ea_widgets.summary.settings import MOST_BINS, MOST_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    categories : mapping of str to ndarray of object, shape (n,)
        Names by categorical metric, sorted by metric; None where missing.
    confidence : ndarray of float64, shape (n,)
        NaN for labels.
    class_name : ndarray of object, shape (n,)
    classes : tuple of str
        Of the data, sorted; those without objects too.
    """

    names: tuple[str, ...]
    hashes: NDArray[np.uint64]
    values: NDArray[np.float64]
    categories: Mapping[str, NDArray[Any]]
    confidence: NDArray[np.float64]
    class_name: NDArray[Any]
    classes: tuple[str, ...]

    @classmethod
    def of(cls, data: MatchedData, level: str) -> BottomSample:
        """Draw it from the predictions ("P") or labels ("O") of a part."""
        rows = counting_rows(data, level)
        hashes = ObjectHashes.of(data, level, rows).of_objects
        first = np.argsort(hashes, kind="stable")[:SIZE]
        metrics = data.metrics
        own = metrics[metrics["level"].isin(["F", level])]
        is_numeric = own["kind"] == "numeric"
        names = tuple(sorted(own.index[is_numeric]))
        columns = [values_of(data, level, name, rows[first]) for name in names]
        values = np.stack(columns, axis=1) if names else np.zeros((len(first), 0))
        categories = {
            name: categories_of(data, level, name, rows[first])
            for name in sorted(own.index[~is_numeric])
        }
        confidence = np.full(len(first), np.nan)
        if level == "P":
            confidence = data.engine.predictions.confidence[rows[first]].astype(np.float64)
        objects = data.engine.predictions if level == "P" else data.engine.labels
        class_name = np.array(data.class_names, object)[objects.class_code[rows[first]]]
        classes = tuple(sorted(data.class_names))
        return cls(names, hashes[first], values, categories, confidence, class_name, classes)

    def __add__(self, other: BottomSample) -> BottomSample:
        """Merge the sample of other images; one without objects may lack metrics."""
        classes = tuple(sorted({*self.classes, *other.classes}))
        for one, two in ((self, other), (other, self)):
            if not len(one.hashes) and {*one.all_names} <= {*two.all_names}:
                return replace(two, classes=classes)
        if self.names != other.names or self.all_names != other.all_names:
            differ = ", ".join(sorted(set(self.all_names) ^ set(other.all_names)))
            differ = differ or "some are numbers in one and categories in another"
            raise SummaryMismatchError(
                "parts",
                f"have other metrics: {differ}",
                "Compute the same metrics for all of them, or give a binning.",
            )
        hashes = np.concatenate([self.hashes, other.hashes])
        first = np.argsort(hashes, kind="stable")[:SIZE]
        values = np.concatenate([self.values, other.values])[first]
        categories = {
            name: np.concatenate([own, other.categories[name]])[first]
            for name, own in self.categories.items()
        }
        confidence = np.concatenate([self.confidence, other.confidence])[first]
        class_name = np.concatenate([self.class_name, other.class_name])[first]
        return BottomSample(
            self.names, hashes[first], values, categories, confidence, class_name, classes
        )

    @property
    def all_names(self) -> tuple[str, ...]:
        """Displayed names of all metrics, sorted."""
        return tuple(sorted([*self.names, *self.categories]))

    def vocabularies(self) -> dict[str, tuple[Any, ...]]:
        """Give the most frequent categories by metric, at most 63; those of few are all there."""
        found = {name: vocabulary(column) for name, column in self.categories.items()}
        return {name: names for name, names in found.items() if names}

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
    return Binning(
        {**labels.edges(thresholds), **predictions.edges(thresholds)},
        {**labels.vocabularies(), **predictions.vocabularies()},
        frequent_classes(labels, predictions),
    )


def frequent_classes(labels: BottomSample, predictions: BottomSample) -> tuple[str, ...]:
    """List the classes that have bins of their own, where there are too many for each to have some.

    Returns
    -------
    tuple of str
        The 80 with the most objects in the samples, sorted; none of up to 80 classes in all.
    """
    if len({*labels.classes, *predictions.classes}) <= MOST_CLASSES:
        return ()
    counts = Counter([*labels.class_name.tolist(), *predictions.class_name.tolist()])
    by_count = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(sorted(by_count[:MOST_CLASSES]))


def categories_of(data: MatchedData, level: str, name: str, rows: NDArray[np.intp]) -> NDArray[Any]:
    """Names of the categories of some rows of the engine; None where missing, shape (n,)."""
    found = np.full(len(rows), None, object)
    if len(rows):
        column, row_of = metric_column(data, level, name)
        codes = column.cat.codes.to_numpy()[row_of[rows]]
        names = np.array([*map(plain, column.cat.categories), None], object)
        found[:] = names[codes]
    return found


def plain(name: Any) -> Any:
    """Give a name as Python has it, which JSON can hold."""
    return name.item() if isinstance(name, np.generic) else name


def vocabulary(column: NDArray[Any]) -> tuple[Any, ...]:
    """List the most frequent categories, by falling count; truth values are False and then True."""
    counts = Counter(name for name in column.tolist() if name is not None and name != OTHER)
    if counts and all(isinstance(name, bool) for name in counts):
        return False, True
    by_count = sorted(counts, key=lambda name: (-counts[name], str(name)))
    return tuple(by_count[: MOST_BINS - 1])

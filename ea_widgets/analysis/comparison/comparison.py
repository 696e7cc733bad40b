"""Two or more models on the same labels: what got better, what got worse, and what is real."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.comparison.comparison_view import ComparisonView
from ea_widgets.analysis.comparison.models import check_models
from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.data.read_formats import read_coco
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.analysis.comparison.paired_curve import Scales
    from ea_widgets.analysis.evaluation import Evaluation
    from ea_widgets.analysis.slices import Condition
    from ea_widgets.data.dataset import Dataset

SCALES = 4
"""Metrics whose values are kept: two levels of the one looked at, and of the one before."""

Thresholds = float | Mapping[str, Any] | None


class Comparison:
    """Models on the same images and labels; the first is the baseline.

    :func:`compare` makes one. Each model is matched for itself; whatever is compared is then
    compared on the same bins, with the same resampled clusters.
    """

    def __init__(self, models: Mapping[str, Dataset | Evaluation], on: str = "all") -> None:
        found = check_models(models, on)
        self.names, self.evaluations = found.names, found.evaluations
        self._scales: Scales = LruCache(SCALES)

    def __repr__(self) -> str:
        dataset = self.evaluations[0].dataset
        return (
            f"Comparison({', '.join(map(repr, self.names))}: {len(dataset.images):,} images, "
            f"{len(dataset.labels):,} labels)"
        )

    def __getitem__(self, name: str) -> Evaluation:
        """Give the evaluation of one model."""
        if name not in self.names:
            raise unknown_option("model", name, self.names)
        return self.evaluations[self.names.index(name)]

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes: the baseline's in display order, then further ones of other models."""
        return self.evaluations[0].class_names

    @property
    def metrics(self) -> pd.DataFrame:
        """One row per metric that all models have; see :attr:`Evaluation.metrics`."""
        first, *others = (evaluation.metrics for evaluation in self.evaluations)
        shared = first.index
        for other in others:
            shared = shared[shared.isin(other.index)]
        return first.loc[shared]

    @property
    def confidence_span(self) -> tuple[float, float]:
        """Smallest and largest confidence threshold of any model."""
        low, high = zip(*(one.confidence_span for one in self.evaluations), strict=True)
        return min(low), max(high)

    def at(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: Thresholds = None,
        classes: Iterable[str] = (),
        where: Condition | None = None,
    ) -> ComparisonView:
        """Choose thresholds and classes; all questions are asked of what this gives.

        Parameters
        ----------
        iou_threshold : float, default 0.5
        confidence_threshold : float or mapping, optional
            One number for all models; a mapping by model, since the confidences of two models are
            not one scale (a model that it does not name keeps all its predictions); or a mapping
            by class, see :meth:`Evaluation.at`.
        classes : iterable of str, default ()
            Class names, in any order; empty = all.
        where : Condition, optional
            See :meth:`Evaluation.at`.

        Returns
        -------
        ComparisonView

        Raises
        ------
        InvalidInputError
            If a threshold cannot be used or a class is unknown.
        """
        views = tuple(
            evaluation.at(iou_threshold, threshold, classes, where)
            for evaluation, threshold in zip(
                self.evaluations, self._thresholds(confidence_threshold), strict=True
            )
        )
        return ComparisonView(self.names, views, self._scales)

    def best_thresholds(
        self,
        iou_threshold: float = 0.5,
        classes: Iterable[str] = (),
        where: Condition | None = None,
    ) -> dict[str, float]:
        """Find the confidence threshold of the highest F1 of each model.

        Parameters
        ----------
        iou_threshold, classes, where
            See :meth:`at`.

        Returns
        -------
        dict of str to float
            By model, as :meth:`at` takes it; without the models that have none, as where no
            prediction is right.

        Raises
        ------
        InvalidInputError
            If the threshold cannot be used or a class is unknown.
        """
        views = self.at(iou_threshold, None, classes, where).views
        best = [view.best_threshold() for view in views]
        found = zip(self.names, best, strict=True)
        return {name: threshold for name, threshold in found if not math.isnan(threshold)}

    def _thresholds(self, threshold: Thresholds) -> list[Any]:
        """Give the confidence threshold of each model."""
        if not isinstance(threshold, Mapping):
            return [threshold] * len(self.names)
        keys = set(threshold)
        if keys & set(self.names) and keys & (set(self.class_names) - set(self.names)):
            raise InvalidInputError(
                "confidence_threshold",
                f"names models and classes: {sorted(map(str, keys))}",
                "Give a mapping by model; its values may be mappings by class.",
            )
        if keys <= set(self.names):
            return [threshold.get(name) for name in self.names]
        for name in keys:
            if name not in self.class_names:
                raise unknown_option("confidence_threshold", name, [*self.names, *self.class_names])
        return [threshold] * len(self.names)

    def scores(self, *query: Any, settled: bool = False, **options: Any) -> Any:
        """Score all models; see :meth:`ComparisonView.scores`."""
        return self.at(*query, **options).scores(settled=settled)

    def curve(self, metric: str, *query: Any, **options: Any) -> Any:
        """Show how the rates change with a metric; see :meth:`ComparisonView.curve`."""
        return self.at(*query, **options).curve(metric)

    def changes(self, *query: Any, **options: Any) -> pd.DataFrame:
        """Find what changed; see :meth:`ComparisonView.changes`."""
        return self.at(*query, **options).changes()

    def labels(self, *query: Any, **options: Any) -> pd.DataFrame:
        """Tell which models found each label; see :meth:`ComparisonView.labels`."""
        return self.at(*query, **options).labels()

    def to_dict(self, *query: Any, **options: Any) -> dict[str, float]:
        """Give the scores of all models as one flat mapping, for experiment trackers."""
        flat: dict[str, float] = self.scores(*query, **options).to_dict()
        return flat


def compare(models: Mapping[str, Dataset | Evaluation], on: str = "all") -> Comparison:
    """Compare two or more models on the same images and labels.

    Parameters
    ----------
    models : mapping of str to Dataset or Evaluation
        By name; the first is the baseline.
    on : {"all", "shared"}, default "all"
        "all" refuses models whose images or labels differ; "shared" leaves those out that not all
        have.

    Returns
    -------
    Comparison

    Raises
    ------
    InvalidInputError
        If there are fewer than two models, or they are on other images or labels.
    """
    return Comparison(models, on)


def compare_coco(
    labels: Any, predictions: Mapping[str, Any], images: Any = None, on: str = "all"
) -> Comparison:
    """Compare the predictions of several models on the labels of one COCO file.

    Parameters
    ----------
    labels : path or loaded object
        See ``ea.read_coco``.
    predictions : mapping of str to path or loaded object
        By name of the model; the first is the baseline.
    images : path, optional
        Folder of the images.
    on : {"all", "shared"}, default "all"
        See :func:`compare`.

    Returns
    -------
    Comparison
    """
    if not isinstance(predictions, Mapping):
        raise InvalidInputError(
            "predictions",
            f"is {shown(predictions)}",
            'Give files by model, {"old": ..., "new": ...}.',
        )
    return Comparison(
        {name: read_coco(labels, found, images) for name, found in predictions.items()}, on
    )

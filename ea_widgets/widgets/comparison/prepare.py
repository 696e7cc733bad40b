"""Metrics for models that have none: without any there is nothing to explain a change by."""

from __future__ import annotations

from ea_widgets.analysis.comparison import Comparison
from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.data.metrics.compute import compute_metrics_of_models


def with_metrics(comparison: Comparison) -> Comparison:
    """Compute the metrics of boxes and images of all models, where they have none in common.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    Comparison
        The same where there are metrics.
    """
    if len(comparison.metrics):
        return comparison
    models = dict(zip(comparison.names, comparison.evaluations, strict=True))
    datasets = compute_metrics_of_models({name: one.dataset for name, one in models.items()})
    return Comparison(
        {
            name: Evaluation(datasets[name], one.iou_type, one.max_detections)
            for name, one in models.items()
        }
    )

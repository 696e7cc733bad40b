"""The whole page in one widget."""

from __future__ import annotations

from ipywidgets import VBox

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.data.compute import compute_metrics
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.cells import replace_earlier
from ea_widgets.widgets.importance_panel import ImportancePanel
from ea_widgets.widgets.lifecycle import close_tree
from ea_widgets.widgets.linking import link
from ea_widgets.widgets.performance_by_metric import PerformanceByMetric


class Explorer(VBox):
    """An `ImportancePanel` above a `PerformanceByMetric`, linked.

    Parameters
    ----------
    evaluation : Evaluation
        What both show.

    Attributes
    ----------
    panel : ImportancePanel
        The upper half. ``panel.evaluation`` can be assigned; the lower half follows.
    detail : PerformanceByMetric
        The lower half.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.panel = ImportancePanel(evaluation)
        self.detail = PerformanceByMetric(evaluation)
        self._link = link(self.panel, self.detail)
        super().__init__([self.panel, self.detail])
        replace_earlier(self)

    def close(self) -> None:
        """Take both halves off the page and out of the kernel."""
        self._link.unlink()
        self.panel.close()
        self.detail.close()
        close_tree(self)


def explore(dataset: Dataset | Evaluation) -> Explorer:
    """Show which properties of the data drive the model's performance.

    Parameters
    ----------
    dataset : Dataset or Evaluation
        The data. A data set without any metric gets those of its boxes and images first.

    Returns
    -------
    Explorer
        A widget for a notebook cell, with ``.panel`` and ``.detail``.

    Raises
    ------
    InvalidInputError
        If it is neither.
    """
    if isinstance(dataset, Evaluation):
        return Explorer(dataset)
    if not isinstance(dataset, Dataset):
        raise InvalidInputError(
            "dataset",
            f"is of type {type(dataset).__name__}",
            "Give a Dataset, such as ea.load_demo() or ea.read_coco(...), or an Evaluation of one.",
        )
    if dataset.metrics.empty:
        dataset = compute_metrics(dataset)
    return Explorer(Evaluation(dataset))

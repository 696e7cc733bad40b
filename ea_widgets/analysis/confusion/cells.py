"""How often labels of one class were taken for another: counts of the cells that are not empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.confusion.second_pass import Assignment
    from ea_widgets.analysis.matching.engine import Engine


@dataclass(frozen=True, eq=False)
class Cells:
    """Counts by class of the label and predicted class, of all classes.

    Attributes
    ----------
    n_classes : int
        Code of both margins: "nothing there" for labels, "not found" for predictions.
    label, predicted : ndarray of intp, shape (n_cells,)
        Codes; each pair once, ascending.
    count : ndarray of int64, shape (n_cells,)
        At least 1.
    """

    n_classes: int
    label: NDArray[np.intp]
    predicted: NDArray[np.intp]
    count: NDArray[np.int64]

    @property
    def per_label_class(self) -> NDArray[np.int64]:
        """Labels of each class, shape (n_classes,)."""
        return self._sums(self.label)

    @property
    def per_predicted_class(self) -> NDArray[np.int64]:
        """Predictions of each class, shape (n_classes,)."""
        return self._sums(self.predicted)

    def _sums(self, code: NDArray[np.intp]) -> NDArray[np.int64]:
        sums = np.zeros(self.n_classes + 1, np.int64)
        np.add.at(sums, code, self.count)
        return sums[:-1]

    @property
    def confused(self) -> Cells:
        """Only the cells of two classes, without the margins."""
        n = self.n_classes
        kept = (self.label < n) & (self.predicted < n) & (self.label != self.predicted)
        return Cells(n, self.label[kept], self.predicted[kept], self.count[kept])


def count_cells(engine: Engine, assigned: Assignment) -> Cells:
    """Count an assignment by classes.

    Parameters
    ----------
    engine : Engine
    assigned : Assignment

    Returns
    -------
    Cells
    """
    n, of_label, of_prediction = engine.n_classes, engine.labels, engine.predictions
    pair = of_label.class_code[assigned.label] * (n + 1)
    pair += of_prediction.class_code[assigned.prediction]
    alone = np.bincount(of_prediction.class_code[assigned.alone], minlength=n)
    not_found = np.bincount(of_label.class_code[assigned.not_found], minlength=n)
    taken, times = np.unique(pair, return_counts=True)
    every = np.arange(n)
    cell = np.concatenate([taken, n * (n + 1) + every, every * (n + 1) + n])
    count = np.concatenate([times, alone, not_found])
    order = np.argsort(cell)
    order = order[count[order] > 0]
    return Cells(n, cell[order] // (n + 1), cell[order] % (n + 1), count[order])

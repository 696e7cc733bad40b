"""A part of the objects, and what an evaluation of it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.engine import Engine


@dataclass(frozen=True, eq=False)
class Slice:
    """The predictions and labels inside; by default all of them.

    Attributes
    ----------
    predictions, labels : ndarray of bool, shapes (n_predictions,), (n_labels,), or None
        By row of the dataset's frames. None where these objects lack a metric that the slice
        goes by.
    """

    predictions: NDArray[np.bool_] | None = None
    labels: NDArray[np.bool_] | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self.predictions is None and self.labels is None

    @property
    def lacking(self) -> str:
        """Level of the objects that lack a metric of the slice, "P" or "O"; else ""."""
        if self.everything:
            return ""
        return "P" if self.predictions is None else "O" if self.labels is None else ""

    def narrow(self, engine: Engine) -> Engine:
        """Narrow an engine to the slice."""
        if self.everything:
            return engine
        predictions, labels = engine.predictions.row, engine.labels.row
        return engine.within(
            self.predictions[predictions]
            if self.predictions is not None
            else np.zeros(len(predictions), bool),
            self.labels[labels] if self.labels is not None else np.ones(len(labels), bool),
            by_predictions=self.labels is None,
        )

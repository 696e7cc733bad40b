"""How much data there is, and what was odd about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from ea_widgets.data.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Facts:
    """What a page says of the data, whoever holds them.

    Attributes
    ----------
    images, labels, predictions, classes : int
        How many there are.
    notes : tuple of str
        Remarks, as `Dataset.notes` has them.
    problems : DataFrame
        Rows that were left out or changed, as `Dataset.problems` has them; empty where nobody
        knows.
    """

    images: int
    labels: int
    predictions: int
    classes: int
    notes: tuple[str, ...] = ()
    problems: pd.DataFrame = field(default_factory=pd.DataFrame)

    @classmethod
    def of(cls, dataset: Dataset) -> Facts:
        """Count a data set."""
        frames = dataset.frames
        return cls(
            len(frames.images),
            len(frames.labels),
            len(frames.predictions),
            len(dataset.class_names),
            dataset.notes,
            dataset.problems,
        )

"""The objects of a dataset with their metrics ranked, made when a question first needs them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.sample import MetricTable, build_metric_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.arrays import Labels, Predictions
    from ea_widgets.analysis.matching.engine import Engine
    from ea_widgets.data.dataset import Dataset


class ObjectTables:
    """Predictions and labels with their metrics; scores alone need neither.

    Parameters
    ----------
    dataset : Dataset
    engine : Engine
        Of all objects.
    """

    def __init__(self, dataset: Dataset, engine: Engine) -> None:
        self._dataset, self._engine = dataset, engine

    def __getitem__(self, level: str) -> MetricTable:
        """Give the table of a level: "P" predictions, "O" labels."""
        return self.predictions if level == "P" else self.labels

    @cached_property
    def predictions(self) -> MetricTable:
        """Predictions, in the engine's order."""
        return self._table("P", self._dataset.frames.predictions, self._engine.predictions)

    @cached_property
    def labels(self) -> MetricTable:
        """Labels, in the engine's order."""
        return self._table("O", self._dataset.frames.labels, self._engine.labels)

    def _table(self, level: str, frame: pd.DataFrame, objects: Predictions | Labels) -> MetricTable:
        metrics = self._dataset.metrics
        of_images = list(metrics["name"][metrics["level"] == "F"])
        of_objects = list(metrics["name"][metrics["level"] == level])
        return build_metric_table(
            objects.class_code,
            objects.image_code,
            columns_of(self._dataset.frames.images, of_images),
            self._engine.image_order,
            columns_of(frame, of_objects),
            objects.row,
            level,
            self._engine.labels.ignored if level == "O" else None,
            self.cluster_of_image,
        )

    @cached_property
    def cluster_of_image(self) -> NDArray[np.intp] | None:
        """Cluster of each image code, where a column of the images names one."""
        dataset = self._dataset
        if dataset.cluster is None:
            return None
        named = dataset.frames.images[dataset.cluster].iloc[self._engine.image_order]
        return np.asarray(pd.factorize(named, use_na_sentinel=False)[0], np.intp)


def columns_of(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Choose columns without a copy of them, which could be as large as all else that is made."""
    return pd.DataFrame({name: frame[name] for name in names}, index=frame.index, copy=False)

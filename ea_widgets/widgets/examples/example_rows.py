"""From the rows of a page of objects to what the gallery shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.data.catalogue import MetricName
from ea_widgets.data.writers.spreadsheet import SpreadsheetTable
from ea_widgets.widgets.examples.captions import Example

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.actions import ExamplePage
    from ea_widgets.data.dataset import Dataset
    from ea_widgets.data.images.drawing import Box

    Found = tuple[ExamplePage, dict[str, int], "Finder", list[Example]]

PAGE = 12
"""Objects of a page."""

BOX = ("x", "y", "width", "height")


class Finder:
    """Finds what the gallery says of an object beyond its own row.

    Parameters
    ----------
    dataset : Dataset
        That of the evaluation.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._images = dataset.frames.images
        self._image_rows = pd.Index(self._images["image_id"])
        self._labels = dataset.frames.labels
        self._labels_of: dict[Any, Any] = self._labels.groupby("image_id", sort=False).indices

    def examples(self, rows: pd.DataFrame) -> list[Example]:
        """Give a page of objects as the gallery shows them.

        Parameters
        ----------
        rows : DataFrame
            As `ExamplePage.rows`.

        Returns
        -------
        list of Example
        """
        return [self._example(row) for row in rows.to_dict("records")]

    def _example(self, row: dict[Any, Any]) -> Example:
        image_row = int(self._image_rows.get_indexer(pd.Index([row["image_id"]]))[0])
        name = self._images.iloc[image_row].get("file_name")
        other = row["other_row"] >= 0
        return Example(
            kind=row["kind"],
            reason=row["reason"] if isinstance(row["reason"], str) else "",
            class_name=str(row["class_name"]),
            other_class=str(row["other_class_name"]) if other else "",
            confidence=float(row["confidence"]),
            other_confidence=float(row["other_confidence"]) if other else float("nan"),
            iou=float(row["iou"]),
            value=row["value"],
            image=name if isinstance(name, str) else f"image {row['image_id']}",
            image_row=image_row,
            box=_box(row, ""),
            other_box=_box(row, "other_") if other else None,
        )

    def others(self, example: Example) -> list[Box]:
        """List the boxes of the other labels of an example's image.

        Parameters
        ----------
        example : Example

        Returns
        -------
        list of tuple of float
        """
        rows = self._labels_of.get(self._image_rows[example.image_row])
        if rows is None:
            return []
        boxes = self._labels.iloc[rows][list(BOX)].to_numpy(np.float64).tolist()
        listed: list[Box] = [(b[0], b[1], b[2], b[3]) for b in boxes]
        return [box for box in listed if box not in (example.box, example.other_box)]


def _box(row: dict[Any, Any], prefix: str) -> Box:
    x, y, width, height = (float(row[prefix + name]) for name in BOX)
    return (x, y, width, height)


def as_table(rows: pd.DataFrame, metric: str) -> SpreadsheetTable:
    """Name the columns of objects as people take them away.

    Parameters
    ----------
    rows : DataFrame
        As `ExamplePage.rows`.
    metric : str
        Displayed name of the metric.

    Returns
    -------
    SpreadsheetTable
        Columns `kind`, `reason`, `id` (`prediction_id`, or `label_id` of a missed one),
        `image_id`, `class_name`, the box, `confidence`, `iou`, the value under the metric's name.
    """
    names = ["kind", "reason", "object_id", "image_id", "class_name", *BOX, "confidence", "iou"]
    table = rows[[*names, "value"]].rename(columns={"object_id": "id"})
    return SpreadsheetTable(table.rename(columns={"value": MetricName.parse(metric).name}))


def find_page(
    find: Callable[..., ExamplePage],
    every: Callable[..., ExamplePage] | None,
    page: int,
    source: Finder | Dataset,
    should_stop: Callable[[], bool],
) -> Found:
    """Ask for a page of objects, the last one where there are fewer, and for all that is shown."""
    stop_if(should_stop)
    found = find(page=page, page_size=PAGE)
    if page >= found.n_pages:
        found = find(page=found.n_pages - 1, page_size=PAGE)
    stop_if(should_stop)
    counts = (found if every is None else every(page=0, page_size=1)).counts
    finder = source if isinstance(source, Finder) else Finder(source)
    stop_if(should_stop)
    return found, counts, finder, finder.examples(found.rows)

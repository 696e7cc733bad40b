"""Small pictures of objects, as part of the page."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.formatting import number, percent, with_unit
from ea_widgets.analysis.object_words import KIND_WORDS, MISSED_WRONG_CLASS, REASON_WORDS
from ea_widgets.data.images.decoding import UnreadableImageError
from ea_widgets.data.images.drawing import Box, Outline, draw, region_around
from ea_widgets.data.images.sources import as_image_source
from ea_widgets.reporting.markup import Markup, element, join
from ea_widgets.reporting.style import LABEL, LABEL_DASH, RIGHT, WRONG

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.data.dataset import Dataset

WIDTH, SHAPE = 300, 4 / 3
BUDGET = 3_500_000
"""Bytes of all pictures of a report, as text; what is beyond goes without."""


class Shots:
    """Pictures of objects of one dataset, up to a number of bytes.

    Parameters
    ----------
    dataset : Dataset
    """

    def __init__(self, dataset: Dataset) -> None:
        self._source = None if dataset.pixels is None else as_image_source(dataset.pixels)
        self._images = dataset.images.set_index("image_id")[
            [name for name in ("width", "height", "file_name") if name in dataset.images]
        ]
        self._left = BUDGET

    @property
    def possible(self) -> bool:
        """Whether there are pixels at all."""
        return self._source is not None

    def row(self, examples: pd.DataFrame, metric: str = "", unit: str = "") -> Markup | None:
        """Show some objects side by side.

        Parameters
        ----------
        examples : DataFrame
            Rows of an :class:`ExamplePage`.
        metric, unit : str
            Of their `value`; not written where `metric` is empty.

        Returns
        -------
        Markup or None
            None where none of them can be shown.
        """
        if not self.possible:
            return None
        shots = [self._shot(row, metric, unit) for row in examples.to_dict("records")]
        shown = [shot for shot in shots if shot is not None]
        return element("div", *shown, class_="shots") if shown else None

    def _shot(self, row: dict[Any, Any], metric: str, unit: str) -> Markup | None:
        picture = self._picture(row)
        if picture is None:
            return None
        encoded = b64encode(picture).decode("ascii")
        self._left -= len(encoded)
        if self._left < 0:
            return None
        words = caption(row, metric, unit)
        image = element("img", src=f"data:image/jpeg;base64,{encoded}", alt=" ".join(words))
        lines = [element("b", words[0]), *(join(Markup("<br>"), line) for line in words[1:])]
        return element(
            "div", Markup(image.replace("</img>", "")), element("p", *lines), class_="shot"
        )

    def _picture(self, row: dict[Any, Any]) -> bytes | None:
        if self._source is None:
            return None
        image = self._images.loc[row["image_id"]]
        name = image.get("file_name")
        try:
            pixels = self._source.read(row["image_id"], name if isinstance(name, str) else None)
        except UnreadableImageError:
            return None
        size = float(image["width"]), float(image["height"])
        box = box_of(row)
        outlines = [
            outline(box, missed=row["kind"] == "missed", right=row["kind"] == "true_positive")
        ]
        also = []
        if row["other_row"] >= 0:
            other = box_of(row, "other_")
            also.append(other)
            outlines.append(outline(other, missed=row["kind"] != "missed", right=False))
        region = region_around(box, size, SHAPE, also)
        return draw(pixels, size, region, outlines, WIDTH)


def box_of(row: dict[Any, Any], prefix: str = "") -> Box:
    """Box of an object, or of the other one."""
    x, y, width, height = (float(row[prefix + side]) for side in ("x", "y", "width", "height"))
    return x, y, width, height


def outline(box: Box, *, missed: bool, right: bool) -> Outline:
    """Draw labels dashed and predictions solid."""
    if missed:
        return Outline(box, LABEL, LABEL_DASH)
    return Outline(box, RIGHT if right else WRONG)


def caption(row: dict[Any, Any], metric: str, unit: str) -> list[str]:
    """Say what an object is: its class and kind, its overlap, its metric."""
    said = KIND_WORDS[row["kind"]]
    if row["kind"] == "false_positive":
        said = f"{said}: {REASON_WORDS[row['reason']]}"
    elif row["reason"] == "wrong_class":
        said = MISSED_WRONG_CLASS
    sure = "" if row["kind"] == "missed" else f" {percent(row['confidence'])}"
    lines = [f"{row['class_name']}{sure}", said]
    if row["iou"] > 0:
        other = row["other_class_name"]
        of = "" if other == row["class_name"] else f" with {other}"
        lines.append(f"IoU {row['iou']:.2f}{of}")
    if metric:
        lines.append(f"{metric} {with_unit(number(row['value']), unit)}")
    return lines

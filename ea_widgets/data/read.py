"""Reads labels and predictions of any format, recognised by content, into a Dataset."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ea_widgets.data.dataset import Dataset
from ea_widgets.data.door import DoorOptions
from ea_widgets.data.readers.read_raw import read_raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def read(
    labels: Any = None,
    predictions: Any = None,
    images: Any = None,
    *,
    format: str | Mapping[str, str] | None = None,  # noqa: A002  # the public name
    on_problem: str = "report",
    boxes: str | Mapping[str, str] | None = None,
    class_ids: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Dataset:
    """Read labels of any format with predictions of any format.

    Parameters
    ----------
    labels, predictions : path or object
        Files, folders or loaded objects of a known format; also objects of supervision,
        Ultralytics, torchmetrics, Hugging Face and FiftyOne. Packed (gzip) and UTF-16 files are
        read; a leading "~" is the user's home.
    images : path, mapping or callable, optional
        Where pixels come from: a folder that the labels' file names are in; arrays by image id;
        or a function from image id to array. Also where sizes come from that labels do not state.
    format : str or mapping, optional
        Name of the format, or a mapping with the keys "labels", "predictions". Default: what is
        recognised. "datumaro" reads further formats through that package.
    on_problem : {"report", "raise"}, default "report"
        What to do about rows that cannot be used: leave them out or mend them, and count them in
        ``dataset.problems`` and ``dataset.notes``; or refuse the file.
    boxes : str or mapping, optional
        How the predictions write boxes, if not as their format does: "xyxy" for corners,
        "cxcywh" for centres, with "n" behind it for shares of the image, with "@640" for pixels
        of a network's input. A mapping says it for "labels" and "predictions".
    class_ids : str, optional
        How the predictions number classes, if not as the labels: "from_zero", "from_one",
        "coco_80" (0 to 79 for COCO's 1 to 90), "position" (in the labels' list of classes),
        "names" (by their names), "as_given" (never by name).
    options : mapping, optional
        What single formats need to know, such as ``{"split": "val"}`` of YOLO or
        ``{"datumaro_format": "dota"}``.

    Returns
    -------
    Dataset
        Images are joined by id, else by file name, stem or last part of a path or URL; classes by
        name, else by number.

    Raises
    ------
    InvalidInputError
        If no format is recognised or it is unknown, ids can be understood in two ways, or more
        than half of a file cannot be used.

    Examples
    --------
    >>> box = {"image_id": 7, "category_id": 1, "bbox": [8, 8, 9, 9]}
    >>> labels = {
    ...     "images": [{"id": 7, "width": 640, "height": 480}],
    ...     "annotations": [{"id": 1, **box}],
    ...     "categories": [{"id": 1, "name": "cat"}],
    ... }
    >>> read(labels, [{**box, "score": 0.5}])
    Dataset(1 image, 1 label, 1 prediction, 1 class)
      classes: cat
      metrics: none yet; ea.compute_metrics(dataset) adds them
    """
    with _garbage_collector_paused():
        raw = read_raw(labels, predictions, images, format, options)
        return Dataset.from_raw(*raw, images, DoorOptions(on_problem, boxes, class_ids))


@contextmanager
def _garbage_collector_paused() -> Iterator[None]:
    # Half a million new objects set the collector off again and again, for half of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

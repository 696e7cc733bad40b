"""Reads labels and predictions of any format, recognised by content."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from ea_widgets.data.checks.door import DoorOptions
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.readers.base import READERS, make_reader
from ea_widgets.data.readers.opening import Given, describe, other_kind
from ea_widgets.errors import InvalidInputError, unknown_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ea_widgets.data.readers.base import Reader


def read(
    labels: Any,
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
    check_both(labels, predictions)
    given = _only_file(Given("labels", labels, options, images, predictions), format)
    with _garbage_collector_paused():
        raw = _reader(given, format).read_labels(given)
        ids = None if raw.images is None else raw.images["image_id"].tolist()
        given = _only_file(Given("predictions", predictions, options, images, labels, ids), format)
        found = _reader(given, format).read_predictions(given)
        return Dataset.from_raw(raw, found, images, DoorOptions(on_problem, boxes, class_ids))


def _reader(given: Given, format_name: str | Mapping[str, str] | None) -> Reader:
    """Choose the reader that was named, or the first that recognises what was given."""
    named = format_name.get(given.field) if isinstance(format_name, Mapping) else format_name
    if named is not None:
        if named not in READERS:
            raise unknown_option("format", named, tuple(READERS))
        reader = make_reader(named)
        if _is_for_datumaro(given, format_name) or reader.recognises(given):
            return reader
    other = next((name for name in READERS if make_reader(name).recognises(given)), None)
    # One name is that of the labels; predictions may be of another format.
    if named is not None and (isinstance(format_name, Mapping) or given.field == "labels"):
        if other is None:
            return reader
        if other == "pickle":  # says why it is not opened
            return make_reader(other)
        raise InvalidInputError(
            given.field,
            f"is of the format {other!r}, not {named!r}",
            "`ea.read(labels, predictions)` recognises what it is.",
        )
    if other is not None:
        return make_reader(other)
    if given.path is not None and not given.is_folder:
        other_file = other_kind(given.raw)  # says if there is no such file
        if other_file is not None:
            raise InvalidInputError(given.field, *other_file)
    raise InvalidInputError(
        given.field,
        f"{describe(given)}, whose format is not recognised",
        f"Known formats: {', '.join(READERS)}. Name one with `format=`.",
    )


def _is_for_datumaro(given: Given, format_name: str | Mapping[str, str] | None) -> bool:
    """Tell whether datumaro was named: it also reads paths that other readers recognise."""
    if isinstance(format_name, Mapping):
        named = format_name.get(given.field)
    else:  # one name is that of the labels
        named = format_name if given.field == "labels" else None
    return named == "datumaro" and given.path is not None


def _only_file(given: Given, format_name: str | Mapping[str, str] | None) -> Given:
    """Take the one file of a folder for the folder, unless a reader knows the folder as it is."""
    if given.path is None or not given.is_folder or _is_for_datumaro(given, format_name):
        return given
    try:
        found = (one for one in given.path.iterdir() if one.is_file() and one.name[0] != ".")
        files = list(islice(found, 2))  # folders of thousands of files are not listed for this
    except OSError:
        return given
    if len(files) != 1 or any(make_reader(name).recognises(given) for name in READERS):
        return given
    return replace(given, source=files[0])


def check_both(labels: Any, predictions: Any) -> None:
    """Say what is missing if only labels or only predictions are given.

    Raises
    ------
    InvalidInputError
        If either is None.
    """
    if predictions is None:
        raise InvalidInputError(
            "predictions",
            "is missing, and what drives a detector shows in its predictions only",
            "Give them behind the labels: a file, a folder or an object, such as COCO results. To "
            "look at the labels alone, give an empty list.",
        )
    if labels is None:
        raise InvalidInputError(
            "labels",
            "is missing, and without labels no prediction is right or wrong",
            "Give the labels that the model was tested on: a file, a folder or an object.",
        )


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
